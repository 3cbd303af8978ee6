#include "widgets/panels/launch/draft_store.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>
#include <QUuid>
#include <nlohmann/json.hpp>

namespace mimir {
namespace {

nlohmann::json read_json(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return nlohmann::json();
  const QByteArray bytes = file.readAll();
  return nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
}

}  // namespace

DraftStore::DraftStore(QString folder)
    : folder_(folder.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) + QStringLiteral("/drafts") : std::move(folder)) {}

std::vector<DraftStore::Entry> DraftStore::list() const {
  std::vector<Entry> entries;
  for (const QFileInfo& info : QDir(folder_).entryInfoList({QStringLiteral("*.json")}, QDir::Files, QDir::Time)) {
    const nlohmann::json stored = read_json(info.filePath());
    if (!stored.is_object() || !stored.contains("name") || !stored["name"].is_string()) continue;
    entries.push_back({info.completeBaseName(), QString::fromStdString(stored["name"].get<std::string>()), info.lastModified()});
  }
  return entries;
}

QString DraftStore::new_id() { return QUuid::createUuid().toString(QUuid::Id128); }

Expected<void> DraftStore::save(const QString& id, const QString& name, const RecipeDraft& draft) const {
  nlohmann::json stored = draft_json(draft);
  stored["name"] = name.toStdString();
  QDir().mkpath(folder_);
  QSaveFile out(file(id));
  if (!out.open(QIODevice::WriteOnly) || out.write(QByteArray::fromStdString(stored.dump(1))) < 0 || !out.commit()) {
    return fail(ErrorCode::storage, "the draft cannot be kept in {}: {}", folder_.toStdString(), out.errorString().toStdString());
  }
  return {};
}

Expected<RecipeDraft> DraftStore::load(const QString& id) const { return draft_from_json(read_json(file(id))); }

void DraftStore::remove(const QString& id) const { QFile::remove(file(id)); }

QString DraftStore::file(const QString& id) const { return folder_ + QLatin1Char('/') + id + QStringLiteral(".json"); }

}  // namespace mimir
