#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/recipe.h"
#include "core/base/stop_token.h"
#include "core/data/dataset.h"
#include "core/models/masked_autoencoder.h"
#include "core/models/vit.h"
#include "core/store/run_folder.h"
#include "core/tensor/device.h"

namespace mimir {

class Settings;

/// A model to look at, and what is known of where it comes from.
struct Subject {
  std::filesystem::path path;       ///< of the checkpoint, absolute
  std::optional<RunFolder> run;     ///< that it was named by, or lies in
  std::string stage;                ///< pretrain, finetune; empty: weights without our metadata
  std::int64_t step = 0;
  std::int64_t epoch = 0;
  std::string model;                ///< name: vit_ti, mae_vit_ti, linear
  std::vector<std::string> classes; ///< names that its file carries; may be empty
  Recipe recipe;                    ///< of the run; defaults where it is not known
  bool recipe_known = false;
  std::int64_t img_size = 0;
  std::int64_t patch_size = 1;
  std::int64_t parameters = 0;
  // One of the first two; `vit` is `classifier` where it is a ViT.
  std::shared_ptr<ClassifierImpl> classifier;
  std::shared_ptr<MaskedAutoencoderImpl> autoencoder;
  std::shared_ptr<VitClassifierImpl> vit;

  std::string said() const;         ///< "finetune-best.safetensors of run abc123", for messages
};

/// How a classifier answers one image of a split.
struct ImageScore {
  std::int64_t id = 0;
  std::int64_t prediction = 0;
  double probability = 0;
  double margin = 0;  ///< largest other logit minus the label's
};

/// Scores of part of a split, kept because sorting by them needs them all.
struct Scores {
  std::shared_ptr<const Subject> subject;
  DataRecipe data;
  std::string split;
  std::int64_t scan = 0;
  std::vector<ImageScore> scores;
};

/// Which checkpoint of a run is meant where a run is named.
enum class Want { newest_stage, fine_tuned, pretrained };

/// finetune-best, else what fine-tuning wrote last, else pre-training; or one of the two stages alone. A run at work is seen as
/// of its newest checkpoint. `input` error that says what to do if
/// there is none.
Expected<std::filesystem::path> default_checkpoint(const RunFolder& run, Want want);

/// What stays in memory between requests: the last models and data sets. One thread.
class Warm {
 public:
  Warm(Compute compute, std::filesystem::path workspace) : compute_(std::move(compute)), workspace_(std::move(workspace)) {}

  const Compute& compute() const { return compute_; }
  const std::filesystem::path& workspace() const { return workspace_; }

  /// text: a run or a file; architecture: of a file without our metadata, else empty. Read again when the file's time or size
  /// has changed. `input`, `mismatch` or `usage` error.
  Expected<std::shared_ptr<const Subject>> subject(const std::string& text, const std::string& architecture, Want want);

  Expected<std::shared_ptr<const Dataset>> dataset(const DataRecipe& recipe, std::int64_t img_size, StopToken stop);

  /// The newest first; whoever adds keeps it short.
  std::list<Scores>& scores() { return scores_; }

 private:
  struct Loaded {
    std::string key;
    std::shared_ptr<const Subject> subject;
  };
  struct Data {
    DataRecipe recipe;
    std::int64_t img_size = 0;
    std::shared_ptr<const Dataset> dataset;
  };

  Compute compute_;
  std::filesystem::path workspace_;
  std::list<Loaded> subjects_;  ///< the newest first
  std::list<Data> datasets_;
  std::list<Scores> scores_;
};

}  // namespace mimir
