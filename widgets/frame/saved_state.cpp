#include "widgets/frame/saved_state.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <QStandardPaths>

namespace mimir {
namespace {

constexpr const char* kAppearances[] = {"desktop", "light", "dark"};  // in the order of Appearance

QStringList strings(const QJsonValue& value) {
  QStringList found;
  for (const QJsonValue& each : value.toArray())
    if (each.isString()) found += each.toString();
  return found;
}

}  // namespace

QString SavedState::default_path() {
  return QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) + QStringLiteral("/window.json");
}

SavedState SavedState::read(const QString& path) {
  SavedState state;
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return state;
  const QJsonObject all = QJsonDocument::fromJson(file.readAll()).object();
  const QString appearance = all[QStringLiteral("appearance")].toString();
  for (int i = 0; i < 3; ++i)
    if (appearance == QLatin1String(kAppearances[i])) state.appearance = static_cast<Appearance>(i);
  state.notifications = all[QStringLiteral("notifications")].toBool(true);
  state.letters = all[QStringLiteral("letters")].toBool(true);
  state.tips = strings(all[QStringLiteral("tips_dismissed")]);
  state.place = all[QStringLiteral("place")].toString();
  state.geometry = QByteArray::fromBase64(all[QStringLiteral("geometry")].toString().toLatin1());
  state.recent = strings(all[QStringLiteral("recent")]);
  state.workspace = all[QStringLiteral("workspace")].toString();
  state.run = all[QStringLiteral("run")].toString();
  state.shown = strings(all[QStringLiteral("shown")]);
  state.views = all[QStringLiteral("views")].toObject();
  return state;
}

bool SavedState::write(const QString& path) const {
  if (!QDir().mkpath(QFileInfo(path).path())) return false;
  const QJsonObject all{
      {QStringLiteral("appearance"), QLatin1String(kAppearances[static_cast<int>(appearance)])},
      {QStringLiteral("notifications"), notifications},
      {QStringLiteral("letters"), letters},
      {QStringLiteral("tips_dismissed"), QJsonArray::fromStringList(tips)},
      {QStringLiteral("place"), place},
      {QStringLiteral("geometry"), QString::fromLatin1(geometry.toBase64())},
      {QStringLiteral("recent"), QJsonArray::fromStringList(recent)},
      {QStringLiteral("workspace"), workspace},
      {QStringLiteral("run"), run},
      {QStringLiteral("shown"), QJsonArray::fromStringList(shown)},
      {QStringLiteral("views"), views},
  };
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly)) return false;
  file.write(QJsonDocument(all).toJson());
  return file.commit();
}

}  // namespace mimir
