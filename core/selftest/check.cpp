#include "core/selftest/check.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "core/store/files.h"

namespace mimir::selftest {

Registry<CheckEntry>& checks() {
  static Registry<CheckEntry> registry;
  return registry;
}

std::vector<std::filesystem::path> reference_files(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const char* part : {"training", "attacks"}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory / part, error)) {
      const std::string name = entry.path().filename().string();
      if (entry.path().extension() == ".safetensors" || name == "models.json" || name == "init_stats.json") {
        files.push_back(entry.path());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

FileResult run_check(const std::filesystem::path& file, const std::string& device) {
  const auto begin = std::chrono::steady_clock::now();
  FileResult result;
  result.name = file.parent_path().filename().string() + "/" + file.filename().string();
  try {
    const bool json = file.extension() == ".json";
    Expected<Fixture> fixture = json ? Expected<Fixture>(Fixture()) : Fixture::read(file, device);
    if (!fixture) throw ErrorException(std::move(fixture.error()));
    if (json) {
      fixture->kind = file.stem().string();
      fixture->path = file;
      fixture->device = device;
    }
    result.kind = fixture->kind;
    const CheckEntry* entry = checks().find(fixture->kind);
    if (entry) {
      Comparison comparison(*fixture);
      entry->run(*fixture, comparison);
      result.tensors = comparison.results();
      result.unchecked = json ? std::vector<std::string>() : comparison.unchecked();
      result.worst = comparison.worst();
      result.agrees = !result.tensors.empty() && result.worst <= 1;
    }
  } catch (const c10::Error& error) {
    result.agrees = false;
    result.message = error.what_without_backtrace();
  } catch (const std::exception& error) {
    result.agrees = false;
    result.message = error.what();
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

std::filesystem::path default_reference_directory() {
  if (const char* given = std::getenv("MIMIR_REFERENCE_DIR"); given && *given) return given;
  return data_directory() / "reference";
}

}  // namespace mimir::selftest
