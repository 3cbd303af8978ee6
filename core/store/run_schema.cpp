#include "core/store/run_schema.h"

#include <array>

namespace mimir {
namespace {

/// Entry v leads from version v to v + 1. Columns and their meaning: docs of the run folder (command line, "Files").
constexpr std::array<const char*, kRunSchemaVersion> kMigrations = {R"sql(
CREATE TABLE metric(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, unit TEXT NOT NULL, direction TEXT NOT NULL, help TEXT NOT NULL);
CREATE TABLE stage(name TEXT PRIMARY KEY, position INTEGER NOT NULL, total INTEGER, state TEXT NOT NULL, started REAL, ended REAL);
CREATE TABLE segment(id INTEGER PRIMARY KEY, stage TEXT NOT NULL, first_step INTEGER NOT NULL, started REAL NOT NULL, ended REAL,
  state TEXT NOT NULL, code TEXT, reason TEXT, pid INTEGER, host TEXT, boot TEXT);
CREATE TABLE point(metric INTEGER NOT NULL, segment INTEGER NOT NULL, step INTEGER NOT NULL, time REAL NOT NULL, value REAL,
  nonfinite INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(metric, segment, step)) WITHOUT ROWID;
CREATE TABLE event(id INTEGER PRIMARY KEY, time REAL NOT NULL, stage TEXT, step INTEGER, kind TEXT NOT NULL, level TEXT NOT NULL, message TEXT NOT NULL);
CREATE TABLE media(stage TEXT NOT NULL, step INTEGER NOT NULL, what TEXT NOT NULL, path TEXT NOT NULL);
CREATE TABLE checkpoint(stage TEXT NOT NULL, step INTEGER NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL);
CREATE TABLE heartbeat(id INTEGER PRIMARY KEY CHECK(id = 1), time REAL NOT NULL, stage TEXT, epoch INTEGER, step INTEGER, total INTEGER,
  rate REAL, eta REAL, memory REAL);
)sql"};

int pragma(SQLite::Database& database, const char* name) {
  return database.execAndGet(std::string("PRAGMA ") + name).getInt();
}

}  // namespace

Expected<int> check_run_schema(SQLite::Database& database, const std::filesystem::path& path) {
  const int application = pragma(database, "application_id");
  const int found = pragma(database, "user_version");
  if (application == 0 && found == 0 && database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0) return 0;
  if (application != kRunApplicationId) {
    return fail(ErrorCode::storage, "{} is damaged: it is a database, but not of a run", path.string());
  }
  if (found > kRunSchemaVersion) {
    return fail(ErrorCode::input, "{} was written by a newer version of this program (schema {}, this one knows {}): update it",
                path.string(), found, kRunSchemaVersion);
  }
  return found;
}

void migrate_run_schema(SQLite::Database& database, int from) {
  if (from == kRunSchemaVersion) return;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (int version = from; version < kRunSchemaVersion; ++version) database.exec(kMigrations[static_cast<std::size_t>(version)]);
  database.exec("PRAGMA application_id = " + std::to_string(kRunApplicationId));
  database.exec("PRAGMA user_version = " + std::to_string(kRunSchemaVersion));
  transaction.commit();
}

}  // namespace mimir
