#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mimir {

// A recipe is a value: what one run does, without name, date or path of the run. Defaults stand here; ranges,
// units and help stand in schema.cpp, one line a field. Learning rates, epochs and decay follow
// Xu et al., "MIMIR" (arXiv:2312.04960); epsilon and step sizes are on the [0,1] scale of the images.

struct DataRecipe {
  std::string name = "demo";
  std::string path;
  std::int64_t train_images = 0;  ///< 0 = all
  std::int64_t test_images = 0;
  std::string augmentation = "crop-flip";
  bool operator==(const DataRecipe&) const = default;
};

/// 0 means "what the name says"; see models/model_options.h.
struct ModelRecipe {
  std::string name = "vit_ti";
  std::int64_t img_size = 32;
  std::int64_t patch_size = 4;
  std::int64_t embed_dim = 0;
  std::int64_t depth = 0;
  std::int64_t num_heads = 0;
  double mlp_ratio = 0;
  std::int64_t num_classes = 0;  ///< 0 = as many as the data set has
  bool global_pool = true;
  std::int64_t decoder_embed_dim = 0;
  std::int64_t decoder_depth = 0;
  std::int64_t decoder_num_heads = 0;
  bool operator==(const ModelRecipe&) const = default;
};

struct AttackRecipe {
  std::string name = "pgd";
  std::string norm = "linf";
  double epsilon = 8.0 / 255;
  double step_size = 0;  ///< 0 = the method's own, see the field's help
  std::int64_t num_steps = 1;
  bool random_start = true;
  std::int64_t restarts = 1;
  double noise_scale = 2;  ///< n-fgsm
  bool operator==(const AttackRecipe&) const = default;
};

struct InformationRecipe {
  std::string estimator = "hsic";
  double weight = 1e-5;
  double sigma = 5;
  double alpha = 1.01;
  bool scale_by_batch = false;
  std::string precision = "fp64";
  bool operator==(const InformationRecipe&) const = default;
};

/// What both training stages have.
struct OptimisationRecipe {
  std::int64_t epochs = 10;
  std::int64_t batch_size = 128;
  double base_learning_rate = 1.5e-4;  ///< per 256 images
  double learning_rate = 0;            ///< > 0 wins over base_learning_rate
  double min_learning_rate = 0;
  double warmup_epochs = 1;
  double weight_decay = 0.05;
  double beta2 = 0.95;
  double clip_grad = 0;         ///< 0 = off
  std::int64_t accumulate = 1;
  double ema = 0;               ///< decay; 0 = off
  std::int64_t log_every = 1;   ///< steps
  std::int64_t checkpoint_every = 0;  ///< steps; 0 = once an epoch
  bool operator==(const OptimisationRecipe&) const = default;
};

struct PretrainRecipe : OptimisationRecipe {
  std::string method = "mimir";
  std::string mode = "corrected";
  double mask_ratio = 0.75;
  bool norm_pix_loss = true;
  std::int64_t probe_every = 0;  ///< steps; 0 = once an epoch
  std::int64_t probe_images = 16;
  AttackRecipe attack{.step_size = 10.0 / 255, .num_steps = 1};
  InformationRecipe information;
  bool operator==(const PretrainRecipe&) const = default;
};

struct FinetuneRecipe : OptimisationRecipe {
  FinetuneRecipe() {
    base_learning_rate = 1e-3;
    min_learning_rate = 1e-6;
    beta2 = 0.999;
  }
  std::string method = "pgd";
  std::string from;
  double layer_decay = 0.65;
  double drop_path = 0.1;
  double patch_drop_rate = 0;    ///< share of patches left out of each training image
  double patch_drop_epochs = 0;  ///< only in these first epochs; 0: in all
  double label_smoothing = 0.1;
  double natural_epochs = 0;         ///< epochs before any attack
  double epsilon_warmup_epochs = 0;  ///< epsilon rises linearly over these, after natural_epochs
  std::int64_t validation_images = 500;
  AttackRecipe attack{.num_steps = 10};
  bool operator==(const FinetuneRecipe&) const = default;
};

struct EvaluateRecipe {
  std::vector<std::string> attacks = {"natural", "fgsm", "pgd-20"};
  std::string norm = "linf";
  double epsilon = 8.0 / 255;
  std::int64_t images = 1000;  ///< 0 = all
  std::int64_t batch_size = 100;
  bool operator==(const EvaluateRecipe&) const = default;
};

struct ComputeRecipe {
  std::string device = "auto";
  std::string precision = "fp32";
  std::int64_t threads = 0;  ///< 0 = all cores
  std::int64_t shards = 2;
  std::string mkl_fast_path = "auto";
  bool operator==(const ComputeRecipe&) const = default;
};

/// A stage runs if its table is there, in the order pretrain, finetune, evaluate.
struct Recipe {
  std::string title;
  std::int64_t seed = 0;
  DataRecipe data;
  ModelRecipe model;
  std::optional<PretrainRecipe> pretrain;
  std::optional<FinetuneRecipe> finetune;
  std::optional<EvaluateRecipe> evaluate;
  ComputeRecipe compute;
  bool operator==(const Recipe&) const = default;
};

}  // namespace mimir
