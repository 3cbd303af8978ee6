#pragma once

#include <QObject>
#include <QVariant>
#include <optional>

class QDBusPendingCallWatcher;
class QDBusVariant;

namespace mimir {

/// Whether the desktop wants dark or light windows: the settings portal, asked and watched without waiting for it.
class DesktopAppearance : public QObject {
  Q_OBJECT

 public:
  explicit DesktopAppearance(QObject* parent = nullptr);

  /// None: no portal, not answered yet, or no preference.
  std::optional<bool> prefers_dark() const { return prefers_dark_; }
  /// What the portal's number says, in however many variants it is wrapped: 1 dark, 2 light.
  static std::optional<bool> read(QVariant value);

 Q_SIGNALS:
  void changed();

 private Q_SLOTS:
  void setting_changed(const QString& space, const QString& key, const QDBusVariant& value);

 private:
  void take(std::optional<bool> prefers_dark);

  std::optional<bool> prefers_dark_;
};

}  // namespace mimir
