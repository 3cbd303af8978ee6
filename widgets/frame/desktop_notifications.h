#pragma once

#include <QDBusConnection>
#include <QHash>
#include <QObject>
#include <QString>

namespace mimir {

/// Notifications of the desktop (org.freedesktop.Notifications). A newer one of a group replaces the older. Silent,
/// and never waits, where there is no bus or no service.
class DesktopNotifications : public QObject {
  Q_OBJECT

 public:
  explicit DesktopNotifications(const QDBusConnection& bus, QObject* parent = nullptr);

  void notify(const QString& group, const QString& title, const QString& text, bool urgent);

 Q_SIGNALS:
  /// The user clicked one.
  void activated(const QString& group);

 private Q_SLOTS:
  void action_invoked(uint id, const QString& action);
  void closed(uint id, uint reason);

 private:
  QDBusConnection bus_;
  QHash<QString, uint> shown_;  ///< by group
};

}  // namespace mimir
