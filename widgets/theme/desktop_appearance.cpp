#include "widgets/theme/desktop_appearance.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>

namespace mimir {
namespace {

const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kSpace = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");

}  // namespace

DesktopAppearance::DesktopAppearance(QObject* parent) : QObject(parent) {
  QDBusConnection bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  bus.connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
              SLOT(setting_changed(QString, QString, QDBusVariant)));
  QDBusMessage question = QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
  question << kSpace << kKey;
  auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(question), this);
  connect(answer, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* watcher) {
    const QDBusPendingReply<QVariant> reply = *watcher;
    if (!reply.isError()) take(read(reply.value()));
    watcher->deleteLater();
  });
}

std::optional<bool> DesktopAppearance::read(QVariant value) {
  while (value.userType() == qMetaTypeId<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
  switch (value.toUInt()) {
    case 1: return true;
    case 2: return false;
    default: return std::nullopt;
  }
}

void DesktopAppearance::setting_changed(const QString& space, const QString& key, const QDBusVariant& value) {
  if (space == kSpace && key == kKey) take(read(value.variant()));
}

void DesktopAppearance::take(std::optional<bool> prefers_dark) {
  if (prefers_dark == prefers_dark_) return;
  prefers_dark_ = prefers_dark;
  Q_EMIT changed();
}

}  // namespace mimir
