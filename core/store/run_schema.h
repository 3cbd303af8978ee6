#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>

#include "core/base/error.h"

namespace mimir {

/// PRAGMA application_id of run.db: "MIMR" (on disk, do not change).
inline constexpr int kRunApplicationId = 0x4D494D52;
/// PRAGMA user_version that this program writes; older ones are brought forward by the writer, newer refused.
inline constexpr int kRunSchemaVersion = 1;

/// The version of an open database, 0 for an empty one. `storage` error if it is another program's, `input` error
/// if it is newer than we know. Throws SQLite::Exception if it is damaged.
Expected<int> check_run_schema(SQLite::Database& database, const std::filesystem::path& path);

/// Brings a database to kRunSchemaVersion, step by step in one transaction. Throws SQLite::Exception.
void migrate_run_schema(SQLite::Database& database, int from);

}  // namespace mimir
