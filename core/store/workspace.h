#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/run_folder.h"

namespace mimir {

/// The folder that holds all runs. A value: it holds a path; nothing is kept open and nothing is remembered.
class Workspace {
 public:
  /// $MIMIR_WORKSPACE, else $XDG_DATA_HOME/mimir-workbench, else ~/.local/share/mimir-workbench.
  static std::filesystem::path default_path();
  /// `path` empty: default_path(). The folder need not exist; it is made with the first run.
  explicit Workspace(const std::filesystem::path& path = {});

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path runs() const { return path_ / "runs"; }

  /// Makes runs/<date>-<name>-<id>/ with recipe.toml, environment.json (plus "created", seconds since 1970) and
  /// the folders checkpoints/ and media/. Other programs see the whole folder at once or none. The folder's name
  /// has `name` in lower case with "-" for what is no letter, digit or "_"; annotations keep it as it was typed.
  /// `storage` error if the workspace is read-only, full, …
  Expected<RunFolder> create_run(std::string_view name, const Recipe& recipe, const nlohmann::json& environment) const;

  /// Every run, the oldest first. No workspace yet is no error: it is empty.
  Expected<std::vector<RunFolder>> list_runs() const;

  /// `text`: an id, a unique prefix of one, a name (of the annotations or the folder), the folder's name, a path,
  /// or "last" (the newest that is not in the trash). `input` error that names the nearest, or the ids among which
  /// `text` does not decide.
  Expected<RunFolder> find_run(const std::string& text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace mimir
