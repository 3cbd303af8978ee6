#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/registry.h"
#include "core/selftest/fixture.h"

namespace mimir::selftest {

/// How one kind of reference file is held against the code. Registered in the file that implements it.
struct CheckEntry {
  EntryInfo info;  ///< id = the fixture's kind
  std::function<void(const Fixture&, Comparison&)> run;  ///< may throw; that is a disagreement
};
Registry<CheckEntry>& checks();

struct FileResult {
  std::string name;           ///< "training/hsic_small.safetensors"
  std::string kind;
  std::optional<bool> agrees; ///< none: a kind the program does not know yet
  double worst = 0;           ///< largest error as a share of its tolerance
  double seconds = 0;
  std::string message;        ///< why it could not be compared
  std::vector<Comparison::Result> tensors;
  std::vector<std::string> unchecked;
};

/// All .safetensors files directly in DIR/training and DIR/attacks, models.json and init_stats.json, in order.
std::vector<std::filesystem::path> reference_files(const std::filesystem::path& directory);
FileResult run_check(const std::filesystem::path& file, const std::string& device);

/// $MIMIR_REFERENCE_DIR, else the set that ships with the project.
std::filesystem::path default_reference_directory();

}  // namespace mimir::selftest
