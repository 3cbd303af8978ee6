#include "widgets/frame/desktop_notifications.h"

#include <QCoreApplication>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QVariantMap>

namespace mimir {
namespace {

const QString kService = QStringLiteral("org.freedesktop.Notifications");
const QString kPath = QStringLiteral("/org/freedesktop/Notifications");
constexpr uchar kNormal = 1;
constexpr uchar kCritical = 2;

}  // namespace

DesktopNotifications::DesktopNotifications(const QDBusConnection& bus, QObject* parent) : QObject(parent), bus_(bus) {
  if (!bus_.isConnected()) return;
  // Without a sender: on a connection between two peers there are no names.
  bus_.connect({}, kPath, kService, QStringLiteral("ActionInvoked"), this, SLOT(action_invoked(uint, QString)));
  bus_.connect({}, kPath, kService, QStringLiteral("NotificationClosed"), this, SLOT(closed(uint, uint)));
}

void DesktopNotifications::notify(const QString& group, const QString& title, const QString& text, bool urgent) {
  if (!bus_.isConnected()) return;
  QDBusMessage call = QDBusMessage::createMethodCall(kService, kPath, kService, QStringLiteral("Notify"));
  const QVariantMap hints{{QStringLiteral("urgency"), QVariant::fromValue(urgent ? kCritical : kNormal)}, {QStringLiteral("desktop-entry"), QStringLiteral("mimir-workbench")}};
  call << QCoreApplication::applicationName() << shown_.value(group, 0U) << QStringLiteral("mimir-workbench") << title << text.toHtmlEscaped()
       << QStringList{QStringLiteral("default"), tr("Open")} << hints << -1;
  auto* answer = new QDBusPendingCallWatcher(bus_.asyncCall(call), this);
  connect(answer, &QDBusPendingCallWatcher::finished, this, [this, group](QDBusPendingCallWatcher* watcher) {
    const QDBusPendingReply<uint> id = *watcher;
    if (!id.isError()) shown_[group] = id.value();
    watcher->deleteLater();
  });
}

void DesktopNotifications::action_invoked(uint id, const QString& action) {
  const QString group = shown_.key(id);
  if (!group.isEmpty() && action == QLatin1String("default")) Q_EMIT activated(group);
}

void DesktopNotifications::closed(uint id, uint) {
  const QString group = shown_.key(id);
  if (!group.isEmpty()) shown_.remove(group);
}

}  // namespace mimir
