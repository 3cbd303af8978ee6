#include "core/store/run_connection.h"

#include <sqlite3.h>
#include <unistd.h>

#include "core/store/run_schema.h"
#include "core/store/sqlite_error.h"

namespace mimir::store {
namespace {

constexpr int kBusyTimeout = 2000;  // ms: a writer changes the journal mode for an instant at its start and end

}  // namespace

RunConnection::RunConnection(const std::string& uri, int flags)
    : database_(uri, flags | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX, kBusyTimeout) {
  database_.execAndGet("SELECT count(*) FROM sqlite_master");  // the file is not looked at before
}

std::unique_ptr<RunConnection> RunConnection::connect(const std::filesystem::path& path) {
  const auto make = [&](const char* query, int flags) {
    return std::unique_ptr<RunConnection>(new RunConnection(sqlite_uri(path, query), flags));
  };
  try {
    return make("", SQLite::OPEN_READONLY);
  } catch (const SQLite::Exception& exception) {
    const int code = exception.getErrorCode();
    if (code != SQLITE_CANTOPEN && code != SQLITE_READONLY) throw;
  }
  // In WAL mode without its index: where we may not make one nobody writes, so the file stands still.
  if (::access(path.parent_path().c_str(), W_OK) != 0) return make("immutable=1", SQLite::OPEN_READONLY);
  auto connection = make("", SQLite::OPEN_READWRITE);
  connection->database_.exec("PRAGMA query_only = 1");
  return connection;
}

Expected<std::unique_ptr<RunConnection>> RunConnection::open(const std::filesystem::path& path, bool empty_is_damage) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::unique_ptr<RunConnection>();
  auto connection = connect(path);
  auto version = check_run_schema(connection->database_, path);
  if (!version) return pass_on(version);
  if (*version == 0) {
    if (empty_is_damage) return fail(ErrorCode::storage, "{} is damaged: it is empty", path.string());
    return std::unique_ptr<RunConnection>();
  }
  return connection;
}

SQLite::Statement& RunConnection::statement(const char* sql) {
  auto& kept = statements_[sql];
  if (!kept) kept = std::make_unique<SQLite::Statement>(database_, sql);
  kept->tryReset();
  return *kept;
}

void RunConnection::settle() noexcept {
  for (const auto& [sql, statement] : statements_) statement->tryReset();
}

}  // namespace mimir::store
