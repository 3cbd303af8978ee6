#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <map>
#include <memory>

#include "core/base/error.h"

namespace mimir::store {

/// A reading connection to run.db and its prepared statements. One thread at a time. Throws SQLite::Exception.
class RunConnection {
 public:
  /// nullptr if there is no run.db, or one that its trainer has not filled yet (`empty_is_damage`: nobody will).
  /// Never writes the database; on read-only media it is opened as immutable.
  static Expected<std::unique_ptr<RunConnection>> open(const std::filesystem::path& path, bool empty_is_damage);

  /// Reset and ready to bind; `sql` is a literal.
  SQLite::Statement& statement(const char* sql);
  /// Resets all of them: one that stands on a row holds an old view of the database, and the writer's log with it.
  void settle() noexcept;
  SQLite::Database& database() { return database_; }

 private:
  RunConnection(const std::string& uri, int flags);
  static std::unique_ptr<RunConnection> connect(const std::filesystem::path& path);

  SQLite::Database database_;
  std::map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
};

}  // namespace mimir::store
