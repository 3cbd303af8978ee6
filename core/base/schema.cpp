#include "core/base/schema.h"

#include <type_traits>

namespace mimir {
namespace {

/// What a line of the table below says besides key and default.
struct Spec {
  std::optional<double> minimum = std::nullopt;
  std::optional<double> maximum = std::nullopt;
  std::vector<std::string> choices = {};
  std::string unit = "1";
  std::string help;
  std::string source = {};
  bool advanced = false;
  std::string when = {};
  std::string registry = {};
};

/// `Access` is a captureless lambda Recipe& -> T&; it may only be called when the table is there.
template <typename Access>
Field field(std::string table, std::string key, Access access, Spec spec) {
  using T = std::remove_cvref_t<decltype(access(std::declval<Recipe&>()))>;
  Recipe defaults;
  defaults.pretrain.emplace();
  defaults.finetune.emplace();
  defaults.evaluate.emplace();

  Field result;
  result.table = std::move(table);
  Parameter& p = result.parameter;
  p.key = std::move(key);
  if constexpr (std::is_same_v<T, bool>) p.type = ParameterType::boolean;
  else if constexpr (std::is_same_v<T, double>) p.type = ParameterType::number;
  else if constexpr (std::is_integral_v<T>) p.type = ParameterType::integer;
  else if constexpr (std::is_same_v<T, std::string>) {
    p.type = spec.unit == "path" ? ParameterType::path
             : spec.choices.empty() && spec.registry.empty() ? ParameterType::text : ParameterType::choice;
  } else {
    p.type = ParameterType::list;
  }
  p.minimum = spec.minimum;
  p.maximum = spec.maximum;
  p.choices = std::move(spec.choices);
  p.unit = spec.unit == "path" ? "1" : std::move(spec.unit);
  p.help = std::move(spec.help);
  p.source = std::move(spec.source);
  p.advanced = spec.advanced;
  p.when = std::move(spec.when);
  p.registry = std::move(spec.registry);

  const auto to_value = [access](const Recipe& recipe) {
    const T& held = access(const_cast<Recipe&>(recipe));
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) return Value(static_cast<long long>(held));
    else return Value(held);
  };
  p.fallback = to_value(defaults);
  result.get = to_value;
  result.set = [access, stage = result.table.substr(0, result.table.find('.'))](Recipe& recipe, const Value& value) {
    if (stage == "pretrain" && !recipe.pretrain) recipe.pretrain.emplace();
    if (stage == "finetune" && !recipe.finetune) recipe.finetune.emplace();
    if (stage == "evaluate" && !recipe.evaluate) recipe.evaluate.emplace();
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) access(recipe) = static_cast<T>(std::get<long long>(value));
    else access(recipe) = std::get<T>(value);
  };
  return result;
}

/// The fields that both training stages have. `Stage` is a lambda Recipe& -> OptimisationRecipe&.
template <typename Stage>
void add_optimisation(std::vector<Field>& all, const std::string& table, Stage stage, const char* source) {
  const auto add = [&](const char* key, auto access, Spec spec) {
    all.push_back(field(table, key, [=](Recipe& r) -> auto& { return access(stage(r)); }, std::move(spec)));
  };
  add("epochs", [](auto& s) -> auto& { return s.epochs; },
      {.minimum = 1, .maximum = 1e6, .unit = "epochs", .help = "Passes over the training images.", .source = source});
  add("batch_size", [](auto& s) -> auto& { return s.batch_size; },
      {.minimum = 1, .maximum = 65536, .unit = "images", .help = "Images of one optimiser step before accumulation.", .source = source});
  add("base_learning_rate", [](auto& s) -> auto& { return s.base_learning_rate; },
      {.minimum = 0, .help = "Learning rate for 256 images; the rate is this times batch_size times accumulate / 256.", .source = source});
  add("learning_rate", [](auto& s) -> auto& { return s.learning_rate; },
      {.minimum = 0, .help = "Peak learning rate as it is; 0 takes base_learning_rate.", .advanced = true});
  add("min_learning_rate", [](auto& s) -> auto& { return s.min_learning_rate; },
      {.minimum = 0, .help = "Learning rate at the end of the cosine.", .advanced = true});
  add("warmup_epochs", [](auto& s) -> auto& { return s.warmup_epochs; },
      {.minimum = 0, .unit = "epochs", .help = "The learning rate rises linearly from 0 over these epochs.", .source = source});
  add("weight_decay", [](auto& s) -> auto& { return s.weight_decay; },
      {.minimum = 0, .maximum = 10, .help = "Decoupled weight decay of AdamW.", .source = source});
  add("beta2", [](auto& s) -> auto& { return s.beta2; },
      {.minimum = 0, .maximum = 0.999999, .help = "Decay of AdamW's second moment.", .source = source, .advanced = true});
  add("clip_grad", [](auto& s) -> auto& { return s.clip_grad; },
      {.minimum = 0, .help = "Largest norm of the gradient; 0 does not clip.", .advanced = true});
  add("accumulate", [](auto& s) -> auto& { return s.accumulate; },
      {.minimum = 1, .maximum = 4096, .unit = "batches", .help = "Batches whose gradients are summed for one update.", .advanced = true});
  add("ema", [](auto& s) -> auto& { return s.ema; },
      {.minimum = 0, .maximum = 0.999999, .help = "Decay of the moving average of the weights; 0 keeps none.", .advanced = true});
  add("log_every", [](auto& s) -> auto& { return s.log_every; },
      {.minimum = 1, .maximum = 1e6, .unit = "steps", .help = "Steps between two recorded points.", .advanced = true});
  add("checkpoint_every", [](auto& s) -> auto& { return s.checkpoint_every; },
      {.minimum = 0, .unit = "steps", .help = "Steps between two checkpoints; 0 writes one at the end of each epoch.", .advanced = true});
}

template <typename Attack>
void add_attack(std::vector<Field>& all, const std::string& table, Attack attack) {
  const auto add = [&](const char* key, auto access, Spec spec) {
    all.push_back(field(table, key, [=](Recipe& r) -> auto& { return access(attack(r)); }, std::move(spec)));
  };
  const bool finetune = table == "finetune.attack";
  if (!finetune) {
    add("name", [](auto& a) -> auto& { return a.name; },
        {.help = "Attack on the reconstruction.", .source = "MIMIR, Sec. 4", .advanced = true, .registry = "attacks"});
  }
  add("norm", [](auto& a) -> auto& { return a.norm; },
      {.choices = {"linf", "l2"}, .help = "Norm that measures the perturbation."});
  add("epsilon", [](auto& a) -> auto& { return a.epsilon; },
      {.minimum = 0, .unit = "of [0,1]", .help = "Largest perturbation, on the scale of images in [0,1]; write 8/255.", .source = "MIMIR, Sec. 5"});
  add("step_size", [](auto& a) -> auto& { return a.step_size; },
      {.minimum = 0, .unit = "of [0,1]",
       .help = finetune ? "Length of one step; 0 takes epsilon/4 for pgd, 1.25 epsilon for fgsm-rs, epsilon for n-fgsm."
                        : "Length of one step; 0 takes 1.25 epsilon.",
       .source = "MIMIR, Sec. 5"});
  add("num_steps", [](auto& a) -> auto& { return a.num_steps; },
      {.minimum = 1, .maximum = 10000, .unit = "steps", .help = "Gradient steps of pgd; the single-step methods take one."});
  add("random_start", [](auto& a) -> auto& { return a.random_start; },
      {.help = "Start at a random point of the ball instead of the image.", .advanced = true});
  if (finetune) {
    add("restarts", [](auto& a) -> auto& { return a.restarts; },
        {.minimum = 1, .maximum = 1000, .help = "Runs of pgd from different starts; per image the highest loss is kept.", .advanced = true});
    add("noise_scale", [](auto& a) -> auto& { return a.noise_scale; },
        {.minimum = 0, .maximum = 100, .help = "Start noise of n-fgsm as a multiple of epsilon.", .source = "de Jorge et al. 2022, Sec. 4",
         .advanced = true, .when = "finetune.method=n-fgsm"});
  }
}

std::vector<Field> make_schema() {
  std::vector<Field> all;
  const auto add = [&](const char* table, const char* key, auto access, Spec spec) {
    all.push_back(field(table, key, access, std::move(spec)));
  };
  add("", "title", [](Recipe& r) -> auto& { return r.title; }, {.help = "One line that says what the recipe is for."});
  add("", "seed", [](Recipe& r) -> auto& { return r.seed; },
      {.minimum = 0, .maximum = 9007199254740991, .help = "Every random number of the run follows from it."});

  add("data", "name", [](Recipe& r) -> auto& { return r.data.name; }, {.help = "Data set.", .registry = "datasets"});
  add("data", "path", [](Recipe& r) -> auto& { return r.data.path; }, {.unit = "path", .help = "Folder or file of the data set."});
  add("data", "train_images", [](Recipe& r) -> auto& { return r.data.train_images; },
      {.minimum = 0, .unit = "images", .help = "Training images used, the same number of each class where possible; 0 takes all."});
  add("data", "test_images", [](Recipe& r) -> auto& { return r.data.test_images; },
      {.minimum = 0, .unit = "images", .help = "Test images used; 0 takes all."});
  add("data", "augmentation", [](Recipe& r) -> auto& { return r.data.augmentation; },
      {.help = "What is done to a training image.", .source = "MIMIR, code", .registry = "augmentations"});

  add("model", "name", [](Recipe& r) -> auto& { return r.model.name; }, {.help = "Architecture.", .registry = "models"});
  add("model", "img_size", [](Recipe& r) -> auto& { return r.model.img_size; },
      {.minimum = 1, .maximum = 4096, .unit = "pixels", .help = "Side of the square input."});
  add("model", "patch_size", [](Recipe& r) -> auto& { return r.model.patch_size; },
      {.minimum = 1, .maximum = 1024, .unit = "pixels", .help = "Side of a patch; it must divide img_size."});
  const auto size = [&](const char* key, auto access, double maximum, const char* help) {
    add("model", key, access, {.minimum = 0, .maximum = maximum, .help = help, .advanced = true});
  };
  size("embed_dim", [](Recipe& r) -> auto& { return r.model.embed_dim; }, 16384, "Width of the tokens; 0 takes the name's.");
  size("depth", [](Recipe& r) -> auto& { return r.model.depth; }, 1000, "Blocks of the encoder; 0 takes the name's.");
  size("num_heads", [](Recipe& r) -> auto& { return r.model.num_heads; }, 1024, "Attention heads; 0 takes the name's.");
  size("mlp_ratio", [](Recipe& r) -> auto& { return r.model.mlp_ratio; }, 64, "Hidden width of a block's MLP over embed_dim; 0 takes the name's.");
  size("num_classes", [](Recipe& r) -> auto& { return r.model.num_classes; }, 1e6, "Classes of the head; 0 takes the data set's.");
  add("model", "global_pool", [](Recipe& r) -> auto& { return r.model.global_pool; },
      {.help = "Read the class from the mean of the patch tokens, not from the class token.", .advanced = true});
  size("decoder_embed_dim", [](Recipe& r) -> auto& { return r.model.decoder_embed_dim; }, 16384, "Width of the decoder; 0 takes 128.");
  size("decoder_depth", [](Recipe& r) -> auto& { return r.model.decoder_depth; }, 1000, "Blocks of the decoder; 0 takes 2.");
  size("decoder_num_heads", [](Recipe& r) -> auto& { return r.model.decoder_num_heads; }, 1024, "Heads of the decoder; 0 takes 16.");

  add("pretrain", "method", [](Recipe& r) -> auto& { return r.pretrain->method; },
      {.choices = {"mae", "mimir"}, .help = "mimir: adversarial input and information penalty; mae: clean input, no penalty.",
       .source = "MIMIR, Sec. 4; He et al. 2022"});
  add("pretrain", "mode", [](Recipe& r) -> auto& { return r.pretrain->mode; },
      {.choices = {"corrected", "official"},
       .help = "official repeats the published code with its quirks; corrected computes what the paper's text asks for."});
  add_optimisation(all, "pretrain", [](Recipe& r) -> OptimisationRecipe& { return *r.pretrain; }, "MIMIR, Tab. 8");
  add("pretrain", "mask_ratio", [](Recipe& r) -> auto& { return r.pretrain->mask_ratio; },
      {.minimum = 0, .maximum = 0.999, .help = "Share of the patches that the encoder does not see.", .source = "He et al. 2022"});
  add("pretrain", "norm_pix_loss", [](Recipe& r) -> auto& { return r.pretrain->norm_pix_loss; },
      {.help = "Reconstruct each patch normalised by its own mean and variance.", .source = "He et al. 2022, Sec. 4", .advanced = true});
  add("pretrain", "probe_every", [](Recipe& r) -> auto& { return r.pretrain->probe_every; },
      {.minimum = 0, .unit = "steps", .help = "Steps between two probes of a fixed batch; 0 probes at the end of each epoch.", .advanced = true});
  add("pretrain", "probe_images", [](Recipe& r) -> auto& { return r.pretrain->probe_images; },
      {.minimum = 2, .maximum = 512, .unit = "images", .help = "Images of the fixed probe batch.", .advanced = true});
  add_attack(all, "pretrain.attack", [](Recipe& r) -> AttackRecipe& { return r.pretrain->attack; });
  const auto information = [&](const char* key, auto access, Spec spec) {
    all.push_back(field("pretrain.information", key, access, std::move(spec)));
  };
  information("estimator", [](Recipe& r) -> auto& { return r.pretrain->information.estimator; },
              {.help = "Measure of dependence between adversarial image and latent.", .source = "MIMIR, Sec. 4.2", .registry = "estimators"});
  information("weight", [](Recipe& r) -> auto& { return r.pretrain->information.weight; },
              {.minimum = 0, .help = "Weight of the penalty in the loss.", .source = "MIMIR, Sec. 5"});
  information("sigma", [](Recipe& r) -> auto& { return r.pretrain->information.sigma; },
              {.minimum = 1e-6, .help = "Bandwidth of HSIC's Gaussian kernel, per dimension.", .source = "MIMIR, code", .advanced = true});
  information("alpha", [](Recipe& r) -> auto& { return r.pretrain->information.alpha; },
              {.minimum = 0.01, .maximum = 10, .help = "Order of the Rényi entropy; not 1.", .source = "Yu et al. 2021", .advanced = true,
               .when = "pretrain.information.estimator=renyi"});
  information("scale_by_batch", [](Recipe& r) -> auto& { return r.pretrain->information.scale_by_batch; },
              {.help = "Divide the weight by the batch size, since HSIC grows with it.", .advanced = true});
  information("precision", [](Recipe& r) -> auto& { return r.pretrain->information.precision; },
              {.choices = {"fp64", "official_fp32"}, .help = "official_fp32 repeats the published inverse in fp32, whose gradient is 4 to 74 % wrong.",
               .advanced = true});

  add("finetune", "method", [](Recipe& r) -> auto& { return r.finetune->method; },
      {.help = "How the classifier is trained.", .registry = "methods"});
  add("finetune", "from", [](Recipe& r) -> auto& { return r.finetune->from; },
      {.unit = "path", .help = "Checkpoint to start from; empty starts from this run's pre-training, or from scratch without one."});
  add_optimisation(all, "finetune", [](Recipe& r) -> OptimisationRecipe& { return *r.finetune; }, "MIMIR, Tab. 9");
  add("finetune", "layer_decay", [](Recipe& r) -> auto& { return r.finetune->layer_decay; },
      {.minimum = 0.01, .maximum = 1, .help = "Learning rate of a layer over that of the layer above it; 1 treats all alike.",
       .source = "Bao et al. 2022"});
  add("finetune", "drop_path", [](Recipe& r) -> auto& { return r.finetune->drop_path; },
      {.minimum = 0, .maximum = 0.95, .help = "Chance that the last block is skipped for an image; rises linearly from 0 over the depth.",
       .source = "Huang et al. 2016"});
  add("finetune", "patch_drop_rate", [](Recipe& r) -> auto& { return r.finetune->patch_drop_rate; },
      {.minimum = 0, .maximum = 0.95, .help = "Share of the patches, drawn anew, that are left out of each training image; the time of a step falls with it.",
       .source = "Liu et al. 2023, PatchDropout", .advanced = true});
  add("finetune", "patch_drop_epochs", [](Recipe& r) -> auto& { return r.finetune->patch_drop_epochs; },
      {.minimum = 0, .unit = "epochs", .help = "The first epochs, in which patches are left out; 0 leaves them out in all.", .advanced = true});
  add("finetune", "label_smoothing", [](Recipe& r) -> auto& { return r.finetune->label_smoothing; },
      {.minimum = 0, .maximum = 0.99, .help = "Share of the label spread over all classes.", .source = "Szegedy et al. 2016"});
  add("finetune", "natural_epochs", [](Recipe& r) -> auto& { return r.finetune->natural_epochs; },
      {.minimum = 0, .unit = "epochs", .help = "Epochs of natural training before the first attack.", .advanced = true});
  add("finetune", "epsilon_warmup_epochs", [](Recipe& r) -> auto& { return r.finetune->epsilon_warmup_epochs; },
      {.minimum = 0, .unit = "epochs", .help = "Epsilon and step size rise linearly from 0 over these epochs, after natural_epochs."});
  add("finetune", "validation_images", [](Recipe& r) -> auto& { return r.finetune->validation_images; },
      {.minimum = 0, .unit = "images", .help = "Training images held out for validation at each epoch; 0 validates nothing."});
  add_attack(all, "finetune.attack", [](Recipe& r) -> AttackRecipe& { return r.finetune->attack; });

  add("evaluate", "attacks", [](Recipe& r) -> auto& { return r.evaluate->attacks; },
      {.help = "Tests in order: natural, fgsm, pgd-N (N steps of epsilon/4).", .source = "MIMIR, Sec. 5"});
  add("evaluate", "norm", [](Recipe& r) -> auto& { return r.evaluate->norm; },
      {.choices = {"linf", "l2"}, .help = "Norm that measures the perturbation."});
  add("evaluate", "epsilon", [](Recipe& r) -> auto& { return r.evaluate->epsilon; },
      {.minimum = 0, .unit = "of [0,1]", .help = "Largest perturbation, on the scale of images in [0,1]; write 8/255."});
  add("evaluate", "images", [](Recipe& r) -> auto& { return r.evaluate->images; },
      {.minimum = 0, .unit = "images", .help = "Test images scored, from the first; 0 scores all."});
  add("evaluate", "batch_size", [](Recipe& r) -> auto& { return r.evaluate->batch_size; },
      {.minimum = 1, .maximum = 65536, .unit = "images", .help = "Images attacked together.", .advanced = true});

  add("compute", "device", [](Recipe& r) -> auto& { return r.compute.device; },
      {.help = "auto, cpu, cuda or cuda:N; auto takes CUDA where there is one."});
  add("compute", "precision", [](Recipe& r) -> auto& { return r.compute.precision; },
      {.choices = {"fp32", "bf16"}, .help = "Matrix products of training; evaluation is always fp32."});
  add("compute", "threads", [](Recipe& r) -> auto& { return r.compute.threads; },
      {.minimum = 0, .maximum = 1024, .unit = "threads", .help = "Threads that compute; 0 takes all cores. Results do not depend on it."});
  add("compute", "shards", [](Recipe& r) -> auto& { return r.compute.shards; },
      {.minimum = 1, .maximum = 1024, .help = "Parts of a batch, each computed by one thread; 1 on CUDA. Results depend on it in the last bits.",
       .advanced = true});
  add("compute", "mkl_fast_path", [](Recipe& r) -> auto& { return r.compute.mkl_fast_path; },
      {.choices = {"auto", "on", "off"}, .help = "Ask MKL for its fast kernels on a CPU of another maker, where a check finds them right and faster.",
       .advanced = true});
  return all;
}

}  // namespace

std::span<const Field> recipe_schema() {
  static const std::vector<Field> schema = make_schema();
  return schema;
}

const Field* find_field(std::string_view path) {
  for (const Field& field : recipe_schema()) {
    if (field.path() == path) return &field;
  }
  return nullptr;
}

bool Field::present(const Recipe& recipe) const {
  const std::string stage = table.substr(0, table.find('.'));
  if (stage == "pretrain") return recipe.pretrain.has_value();
  if (stage == "finetune") return recipe.finetune.has_value();
  if (stage == "evaluate") return recipe.evaluate.has_value();
  return true;
}

}  // namespace mimir
