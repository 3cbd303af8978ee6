#include "app/mimir/output.h"

#include <fmt/format.h>

#include <cstdio>

namespace mimir {

void print_json(const nlohmann::json& document) {
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_json_line(const nlohmann::json& document) {
  fmt::print("{}\n", document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  std::fflush(stdout);
}

void print_error(const Error& error, bool verbose) {
  std::fflush(stdout);
  fmt::print(stderr, "mimir: {}\n", error.message);
  if (verbose && !error.detail.empty()) fmt::print(stderr, "{}\n", error.detail);
}

}  // namespace mimir
