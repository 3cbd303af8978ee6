#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace mimir {

/// What SQLite said, as one sentence with the file's name: full, read-only, locked, damaged. `database` may be
/// null; it knows the errno behind a failed write. Always ErrorCode::storage.
Error sqlite_error(const SQLite::Exception& exception, SQLite::Database* database, const std::filesystem::path& path);

/// file: address of a database for SQLite::OPEN_URI, with `query` ("immutable=1") behind it.
std::string sqlite_uri(const std::filesystem::path& path, const std::string& query);

}  // namespace mimir
