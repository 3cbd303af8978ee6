#include "core/selftest/check.h"

#include <ATen/Parallel.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "app/mimir/command.h"
#include "app/mimir/device.h"
#include "app/mimir/output.h"
#include "core/base/text.h"
#include "core/base/version.h"

namespace mimir {
namespace {

nlohmann::json file_json(const selftest::FileResult& file) {
  nlohmann::json object = {
      {"name", file.name}, {"kind", file.kind}, {"agrees", nullptr}, {"worst", file.worst}, {"seconds", file.seconds}};
  if (file.agrees) object["agrees"] = *file.agrees;
  if (!file.message.empty()) object["message"] = file.message;
  if (!file.unchecked.empty()) object["unchecked"] = file.unchecked;
  nlohmann::json tensors = nlohmann::json::array();
  for (const auto& tensor : file.tensors) tensors.push_back({{"name", tensor.name}, {"share", tensor.share}});
  object["tensors"] = std::move(tensors);
  return object;
}

void print_file(const selftest::FileResult& file) {
  const char* word = !file.agrees ? "unknown" : *file.agrees ? "agrees" : "DIFFERS";
  std::string rest;
  if (!file.agrees) {
    rest = fmt::format("no check for the kind \"{}\" yet", file.kind);
  } else if (!file.message.empty()) {
    rest = file.message;
  } else {
    const auto worst = std::max_element(file.tensors.begin(), file.tensors.end(),
                                        [](const auto& a, const auto& b) { return a.share < b.share; });
    if (worst != file.tensors.end()) rest = fmt::format("{:.3g} of the tolerance ({})", worst->share, worst->name);
    if (!file.unchecked.empty()) rest += fmt::format("; not checked: {}", join(file.unchecked, ", "));
  }
  fmt::print("{:<8} {:<52} {}\n", word, file.name, rest);
}

Expected<int> run_selftest(const Options& options, const std::string& given) {
  const std::filesystem::path directory =
      given.empty() ? selftest::default_reference_directory() : std::filesystem::path(given);
  auto compute = compute_of(options);
  if (!compute) return pass_on(compute);
  at::set_num_threads(compute->threads);
  const std::string device = compute->device.str();
  const auto files = selftest::reference_files(directory);
  if (files.empty()) {
    return fail(ErrorCode::input, "{} has no reference file: give a folder with training/ or attacks/ by --reference",
                directory.string());
  }

  nlohmann::json listed = nlohmann::json::array();
  int checked = 0, differing = 0;
  for (const auto& file : files) {
    const selftest::FileResult result = selftest::run_check(file, device);
    checked += result.agrees.has_value();
    differing += result.agrees == false;
    if (options.json) listed.push_back(file_json(result));
    else if (!options.quiet || result.agrees == false) print_file(result);
    std::fflush(stdout);
  }
  if (options.json) print_json({{"device", device}, {"version", version()}, {"files", std::move(listed)}});
  if (checked == 0)
    return fail(ErrorCode::input, "none of the {} files in {} is of a kind that this program knows", files.size(),
                directory.string());
  if (differing > 0) {
    return fail(ErrorCode::defect, "{} of {} reference files differ on {}: this build is not numerically right here",
                differing, checked, device);
  }
  return 0;
}

}  // namespace

void add_selftest(CLI::App& app, CommandLine& line) {
  const auto reference = std::make_shared<std::string>();
  CLI::App* command =
      add_command(app, line, "selftest", "Hold the code against files of reference numbers, each within its tolerance",
                  [&line, reference] { return run_selftest(line.options, *reference); });
  command
      ->add_option(
          "--reference", *reference,
          "Folder with training/ and attacks/; default $MIMIR_REFERENCE_DIR, else the files that come with the program")
      ->type_name("DIR");
}

}  // namespace mimir
