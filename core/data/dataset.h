#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/draws.h"
#include "core/base/error.h"
#include "core/base/recipe.h"
#include "core/base/registry.h"
#include "core/base/stop_token.h"
#include "core/data/augmentation.h"
#include "core/data/source.h"

namespace mimir {

/// The training or the test pictures, or a part of them. A picture has one name everywhere, its id: its place in the
/// whole split as loaded, the same in every part, in Draws, in reports and on the command line. Immutable; all calls
/// are safe from any thread and do their work in the calling one, so the shards of a batch may ask for their ids at once.
///
/// fetch and train_batch throw ErrorException where a picture is decoded late and its file is damaged; an id that is
/// not of this part breaks the contract (TORCH_CHECK), so held-out pictures cannot be trained on by mistake.
class Split {
 public:
  /// labels: one per picture of the source, each below classes.size(). img_size: side of source->picture(i).
  Split(std::shared_ptr<const PictureSource> source, std::vector<std::int64_t> labels, std::vector<std::string> classes,
        std::int64_t channels, std::int64_t img_size);

  std::int64_t size() const { return static_cast<std::int64_t>(ids_.size()); }
  /// [size()], ascending; 0 … size()-1 if nothing was left out.
  std::span<const std::int64_t> ids() const { return ids_; }
  std::int64_t label(std::int64_t id) const { return whole_->labels.at(static_cast<std::size_t>(id)); }
  const std::vector<std::string>& classes() const { return whole_->classes; }
  std::int64_t channels() const { return whole_->channels; }
  std::int64_t img_size() const { return whole_->img_size; }

  at::Tensor labels(std::span<const std::int64_t> ids) const;       ///< [B] int64
  /// [B, C, S, S] uint8; fp32 pictures are rounded.
  at::Tensor fetch(std::span<const std::int64_t> ids) const;
  /// [B, C, S, S] fp32 in [0,1]; fp32 pictures exactly, uint8 ones as value / 255.0f.
  at::Tensor fetch_float(std::span<const std::int64_t> ids) const;
  /// [B, C, S, S] fp32 in [0,1], augmented. Row i depends on ids[i], the seed of `draws` and `step` (DrawKey::step) alone.
  at::Tensor train_batch(std::span<const std::int64_t> ids, const AugmentationEntry& augmentation, const Draws& draws,
                         std::uint32_t step) const;

  /// The same pictures, fewer of them. ids: ascending, of this part.
  std::shared_ptr<const Split> part(std::vector<std::int64_t> ids) const;

 private:
  struct Whole {
    std::shared_ptr<const PictureSource> source;
    std::vector<std::int64_t> labels;
    std::vector<std::string> classes;
    std::int64_t channels = 0;
    std::int64_t img_size = 0;
  };
  Split() = default;
  void check(std::span<const std::int64_t> ids) const;
  at::Tensor batch(std::span<const std::int64_t> ids, at::ScalarType type) const;

  std::shared_ptr<const Whole> whole_;
  std::vector<std::int64_t> ids_;
  std::vector<bool> member_;  ///< by id
};

struct Dataset {
  std::shared_ptr<const Split> train;
  std::shared_ptr<const Split> test;    ///< the same pictures as train where the data have one set only
  std::vector<std::string> notes = {};  ///< sentences for the log: pictures were resized, decoded late, …
};

/// A data set that a recipe can name.
struct DatasetEntry {
  EntryInfo info;
  bool takes_path = true;
  /// Whether `path` looks like this data set; looks at names, not into files.
  std::function<bool(const std::filesystem::path& path)> can_read;
  /// The whole data set, uncut; the entry may rely on a path being there if it takes one. img_size: side of the
  /// pictures that the model takes.
  std::function<Expected<Dataset>(const DataRecipe& recipe, std::int64_t img_size, StopToken stop)> load;
};

/// cifar10, cifar100, demo, folder, safetensors.
Registry<DatasetEntry>& datasets();

/// Loads what the recipe says, cut to train_images and test_images (the first of each class, as evenly as the classes
/// allow). img_size 0 takes the pictures' own size where all have one by definition (not folder). Errors: `usage` for
/// an unknown name, a missing path, or a path given to a data set that has none; `input` for what is missing or
/// damaged; `mismatch` for pictures or classes that do not fit; `stopped`.
Expected<Dataset> load_dataset(const DataRecipe& recipe, std::int64_t img_size, StopToken stop = {});

/// What --set data=PATH makes of data.name: `name` if that data set can read the path; else the one that can; else the
/// one whose error will say best what is missing (safetensors for a file, folder otherwise).
std::string dataset_for_path(const std::string& name, const std::filesystem::path& path);

}  // namespace mimir
