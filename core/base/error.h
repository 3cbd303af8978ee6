#pragma once

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace mimir {

/// What kind of failure; the value is the exit code of the command (on disk, do not renumber).
enum class ErrorCode : int {
  defect = 1,         ///< a bug in this program
  usage = 2,          ///< wrong command line or recipe, found before any file is opened
  input = 3,          ///< input is missing, damaged or unsupported
  mismatch = 4,       ///< does not fit: checkpoint of another architecture, data of another shape
  storage = 5,        ///< disk full, read-only, locked or damaged store
  diverged = 6,       ///< non-finite loss
  out_of_memory = 7,
  stopped = 130,      ///< asked to stop
};

/// The word stored in run.db and printed in JSON: "usage", "input", …
const char* error_code_name(ErrorCode code);

/// A failure that a caller can expect. `message` is one sentence for people: what is wrong, where, what to do.
struct Error {
  ErrorCode code = ErrorCode::defect;
  std::string message;
  std::string detail;  ///< more lines, printed with --verbose only
};

template <typename T>
using Expected = tl::expected<T, Error>;

/// `return fail(ErrorCode::input, "{} is empty", path);`
template <typename... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> text, Args&&... args) {
  return tl::unexpected<Error>(Error{code, fmt::format(text, std::forward<Args>(args)...), {}});
}

/// Passes a failure on from a function that returns another type: `if (!bytes) return pass_on(bytes);`
template <typename T>
[[nodiscard]] tl::unexpected<Error> pass_on(Expected<T>& failed) {
  return tl::unexpected<Error>(std::move(failed.error()));
}

/// Carries an Error through code that cannot return one (a thread of the worker pool, an autograd hook).
/// Caught at the run boundary only; see `training/run_stages.h`.
struct ErrorException : std::exception {
  explicit ErrorException(Error e) : error(std::move(e)) {}
  const char* what() const noexcept override { return error.message.c_str(); }
  Error error;
};

}  // namespace mimir
