#include "core/store/sqlite_error.h"

#include <sqlite3.h>

#include "core/store/descriptor.h"

namespace mimir {
namespace {

/// The errno behind SQLITE_IOERR, or 0. sqlite3_system_errno() knows none of a failed commit, so the files are
/// asked: first the log, which is what a writer writes, then the database.
int last_errno(sqlite3* handle) {
  sqlite3_file* log = nullptr;
  int error = 0;
  if (::sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log && log->pMethods) {
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
  }
  if (error == 0) ::sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  return error != 0 ? error : ::sqlite3_system_errno(handle);
}

}  // namespace

Error sqlite_error(const SQLite::Exception& exception, SQLite::Database* database, const std::filesystem::path& path) {
  const auto say = [&](const std::string& what) {
    return Error{ErrorCode::storage, path.string() + " " + what, fmt::format("SQLite error {}: {}", exception.getExtendedErrorCode(), exception.what())};
  };
  switch (exception.getErrorCode()) {
    case SQLITE_FULL: return say("cannot grow: the disk is full");
    case SQLITE_READONLY: return say("cannot be written: it is read-only");
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return say("is locked by another program: close it there, then try again");
    case SQLITE_CORRUPT: return say("is damaged: restore it from a copy, or look at the log and the checkpoints beside it");
    case SQLITE_NOTADB: return say("is damaged: it is not an SQLite database");
    case SQLITE_CANTOPEN: return say("cannot be opened: is the folder there, and may it be written?");
    case SQLITE_IOERR: {
      const int reason = database ? last_errno(database->getHandle()) : 0;
      return say(reason ? "cannot be read or written: " + storage_reason(reason) : "cannot be read or written");
    }
    default: return say(std::string("cannot be used: ") + exception.what());
  }
}

std::string sqlite_uri(const std::filesystem::path& path, const std::string& query) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '%' || c == '?' || c == '#') uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else uri += c;
  }
  return query.empty() ? uri : uri + "?" + query;
}

}  // namespace mimir
