#pragma once

#include <QDBusConnection>
#include <QDBusServer>
#include <QObject>
#include <QStringList>
#include <QTest>
#include <QVariantMap>
#include <memory>
#include <vector>

namespace mimir::test {

/// The notification service of a desktop, on a bus of its own between two ends.
class FakeDesktop : public QObject {
  Q_OBJECT
  Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")

 public:
  struct Shown {
    uint id = 0;
    QString title, text;
    QStringList actions;
    QVariantMap hints;
  };

  FakeDesktop() {
    connect(&server_, &QDBusServer::newConnection, this, [this](const QDBusConnection& connection) {
      ours_ = std::make_unique<QDBusConnection>(connection);
      ours_->registerObject(QStringLiteral("/org/freedesktop/Notifications"), this, QDBusConnection::ExportScriptableSlots | QDBusConnection::ExportScriptableSignals);
    });
  }
  ~FakeDesktop() override { QDBusConnection::disconnectFromPeer(name()); }

  /// The window's end.
  QDBusConnection bus() {
    QDBusConnection connection = QDBusConnection::connectToPeer(server_.address(), name());
    (void)QTest::qWaitFor([this] { return ours_ != nullptr; });
    return connection;
  }
  const std::vector<Shown>& shown() const { return shown_; }
  void click(uint id) { Q_EMIT ActionInvoked(id, QStringLiteral("default")); }

 public Q_SLOTS:
  Q_SCRIPTABLE uint Notify(const QString&, uint replaces, const QString&, const QString& title, const QString& text, const QStringList& actions, const QVariantMap& hints, int) {
    const uint id = replaces ? replaces : ++last_;
    shown_.push_back({id, title, text, actions, hints});
    return id;
  }

 Q_SIGNALS:
  Q_SCRIPTABLE void ActionInvoked(uint id, const QString& action);

 private:
  QString name() const { return QStringLiteral("fake-desktop-%1").arg(quintptr(this)); }

  QDBusServer server_;
  std::unique_ptr<QDBusConnection> ours_;
  std::vector<Shown> shown_;
  uint last_ = 0;
};

}  // namespace mimir::test
