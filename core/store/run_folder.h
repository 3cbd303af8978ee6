#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/recipe.h"

namespace mimir {

/// Where the parts of a run stand. A value: it holds a path and opens nothing, so a file it names may be absent.
class RunFolder {
 public:
  /// `path` need not exist; see open().
  explicit RunFolder(std::filesystem::path path);
  /// `input` error unless `path` is a folder with a recipe.toml or a run.db in it.
  static Expected<RunFolder> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::string id() const;    ///< the part of the folder's name after its last "-"
  std::string name() const;  ///< the part between date and id; annotations may give another
  std::string date() const;  ///< "2026-07-30", or empty if the folder's name does not begin with one

  std::filesystem::path recipe() const { return path_ / "recipe.toml"; }
  std::filesystem::path environment() const { return path_ / "environment.json"; }
  std::filesystem::path database() const { return path_ / "run.db"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path curves() const { return path_ / "curves.svg"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path media(std::string_view stage) const { return path_ / "media" / stage; }
  std::filesystem::path evaluations() const { return path_ / "evaluations"; }
  std::filesystem::path annotations() const { return path_ / "annotations.json"; }
  std::filesystem::path trainer_pid() const { return path_ / "trainer.pid"; }
  std::filesystem::path control_socket() const { return path_ / "control.sock"; }

  /// `mark` is "last", "best" or a step: checkpoints/finetune-best.safetensors.
  std::filesystem::path checkpoint(std::string_view stage, std::string_view mark) const;
  std::filesystem::path checkpoint(std::string_view stage, std::int64_t step) const;
  /// As it is stored in run.db: `inside` without this folder before it.
  std::string relative(const std::filesystem::path& inside) const;

  /// `input` error that names the file if it is missing or damaged.
  Expected<Recipe> read_recipe() const;
  Expected<nlohmann::json> read_environment() const;
  /// Seconds since 1970: what environment.json says, else when the recipe was written. Never fails.
  double created() const;

  /// The canonical recipe; `storage` error if it cannot be written.
  Expected<void> write_recipe(const Recipe& recipe) const;
  Expected<void> write_environment(const nlohmann::json& environment) const;

  bool operator==(const RunFolder&) const = default;

 private:
  std::filesystem::path path_;
};

}  // namespace mimir
