#include "core/service/warm.h"

#include <torch/torch.h>

#include <cmath>
#include <map>

#include "core/base/schema.h"
#include "core/models/model_options.h"
#include "core/service/architecture.h"
#include "core/store/workspace.h"
#include "core/tensor/arrays.h"
#include "core/tensor/checkpoint.h"

namespace mimir {
namespace {

constexpr std::size_t kModelsKept = 3;
constexpr std::size_t kDatasetsKept = 2;

struct Place {
  std::filesystem::path path;
  std::optional<RunFolder> run;
};

Expected<Place> find_place(const std::string& text, const std::filesystem::path& workspace, Want want) {
  if (text.empty()) return fail(ErrorCode::usage, "a run, a checkpoint or a file of weights is wanted");
  std::error_code error;
  if (!text.ends_with(".safetensors")) {
    auto run = Workspace(workspace).find_run(text);
    if (!run) return pass_on(run);
    auto path = default_checkpoint(*run, want);
    if (!path) return pass_on(path);
    return Place{std::filesystem::absolute(*path, error), *run};
  }
  Place place{std::filesystem::absolute(text, error).lexically_normal(), std::nullopt};
  if (auto run = RunFolder::open(place.path.parent_path().parent_path())) place.run = *run;
  return place;
}

/// What the names of the tensors have before timm's, in a file that is not ours.
std::optional<std::string> weight_prefix(const std::map<std::string, at::Tensor>& tensors, const std::string& name) {
  for (const char* prefix : {"ema.", "model.", "", "param.", "module."}) {
    if (tensors.contains(prefix + name)) return prefix;
  }
  return std::nullopt;
}

std::int64_t count_parameters(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const at::Tensor& parameter : module.parameters()) count += parameter.numel();
  return count;
}

/// Fills the module and leaves it on the device, asking for no gradients.
Expected<void> fill(torch::nn::Module& module, const Checkpoint& weights, const std::string& prefix, Subject& subject, c10::Device device) {
  if (auto loaded = load_parameters(module, weights, prefix); !loaded) return loaded;
  subject.parameters = count_parameters(module);
  for (at::Tensor parameter : module.parameters()) parameter.requires_grad_(false);
  module.to(device);
  return {};
}

Expected<void> build_linear(const Checkpoint& weights, Subject& subject, c10::Device device) {
  const auto prefix = weight_prefix(weights.tensors, "weight");
  if (!prefix || weights.tensors.at(*prefix + "weight").dim() != 2) {
    return fail(ErrorCode::mismatch, "{} has no matrix `weight`: it is no linear model", subject.path.string());
  }
  const at::Tensor& weight = weights.tensors.at(*prefix + "weight");  // [K, C S S]
  const auto model = std::make_shared<LinearClassifierImpl>(weight.size(0), weight.size(1));
  subject.img_size = std::llround(std::sqrt(static_cast<double>(weight.size(1)) / 3));
  if (3 * subject.img_size * subject.img_size != weight.size(1)) {
    return fail(ErrorCode::mismatch, "{}: {} inputs are no square picture of three channels", subject.path.string(), weight.size(1));
  }
  subject.classifier = model;
  return fill(*model, weights, *prefix, subject, device);
}

Expected<void> build_vit(const Checkpoint& weights, ModelRecipe recipe, bool autoencoder, Subject& subject, c10::Device device) {
  const auto prefix = weight_prefix(weights.tensors, "patch_embed.proj.weight");
  if (!prefix) return fail(ErrorCode::mismatch, "{} has no patch_embed.proj.weight: it holds no Vision Transformer", subject.path.string());
  const auto head = weights.tensors.find(*prefix + "head.weight");
  if (recipe.num_classes == 0 && head != weights.tensors.end()) recipe.num_classes = head->second.size(0);
  auto options = resolve_model(recipe, 0);
  if (!options) return pass_on(options);
  subject.img_size = options->img_size;
  subject.patch_size = options->patch_size;
  if (autoencoder) {
    subject.autoencoder = std::make_shared<MaskedAutoencoderImpl>(*options);
    return fill(*subject.autoencoder, weights, *prefix, subject, device);
  }
  subject.vit = std::make_shared<VitClassifierImpl>(*options);
  subject.classifier = subject.vit;
  return fill(*subject.vit, weights, *prefix, subject, device);
}

Expected<std::shared_ptr<const Subject>> read_subject(const Place& place, const std::string& architecture, c10::Device device) {
  auto subject = std::make_shared<Subject>();
  subject->path = place.path;
  subject->run = place.run;
  Checkpoint weights;
  if (architecture.empty()) {
    auto checkpoint = read_checkpoint(place.path);
    if (!checkpoint) return pass_on(checkpoint);
    weights = std::move(*checkpoint);
    subject->stage = weights.stage;
    subject->step = weights.step;
    subject->epoch = weights.epoch;
    const bool autoencoder = weights.stage == "pretrain";
    subject->model = (autoencoder ? "mae_" : "") + weights.model.name;
    subject->classes = weights.classes;
    if (auto recipe = parse_recipe(weights.recipe, "the checkpoint's recipe")) {
      subject->recipe = std::move(*recipe);
      subject->recipe_known = true;
    }
    if (auto built = build_vit(weights, weights.model, autoencoder, *subject, device); !built) {
      return fail(built.error().code, "{}: {}", place.path.string(), built.error().message);
    }
    return subject;
  }
  auto wanted = parse_architecture(architecture);
  if (!wanted) return fail(wanted.error().code, "--model: {}", wanted.error().message);
  auto document = read_safetensors(place.path);
  if (!document) return pass_on(document);
  for (const auto& [name, array] : document->arrays) weights.tensors.emplace(name, to_tensor(array));
  subject->model = architecture.substr(0, architecture.find(','));
  auto built = wanted->family == Architecture::Family::linear
                   ? build_linear(weights, *subject, device)
                   : build_vit(weights, wanted->model, wanted->family == Architecture::Family::autoencoder, *subject, device);
  if (!built) return pass_on(built);
  return subject;
}

/// What the stage wrote last: at its end, a stop, or an epoch on the way.
std::optional<std::filesystem::path> newest_checkpoint(const RunFolder& run, const std::string& stage) {
  std::optional<std::filesystem::path> newest;
  std::filesystem::file_time_type written;
  std::error_code error;
  std::filesystem::directory_iterator entries(run.checkpoints(), error);
  for (const std::filesystem::directory_iterator end; !error && entries != end; entries.increment(error)) {
    const std::filesystem::path& path = entries->path();
    if (!path.filename().string().starts_with(stage + "-") || path.extension() != ".safetensors" || path == run.checkpoint(stage, "best")) continue;
    std::error_code gone;
    const auto time = std::filesystem::last_write_time(path, gone);
    if (gone || (newest && time <= written)) continue;
    newest = path;
    written = time;
  }
  return newest;
}

}  // namespace

std::string Subject::said() const {
  const std::string file = path.filename().string();
  return run ? fmt::format("{} of run {}", file, run->id()) : file;
}

Expected<std::filesystem::path> default_checkpoint(const RunFolder& run, Want want) {
  if (want != Want::pretrained) {
    std::error_code error;
    if (auto best = run.checkpoint("finetune", "best"); std::filesystem::exists(best, error)) return best;
    if (auto newest = newest_checkpoint(run, "finetune")) return *newest;
  }
  if (want == Want::fine_tuned) return fail(ErrorCode::input, "run {} has no fine-tuned checkpoint yet", run.id());
  if (auto newest = newest_checkpoint(run, "pretrain")) return *newest;
  if (want == Want::pretrained) {
    return fail(ErrorCode::input, "run {} has no pre-trained checkpoint, and only a masked autoencoder reconstructs: train one with a stage [pretrain]",
                run.id());
  }
  return fail(ErrorCode::input, "run {} has no checkpoint yet: wait for its first one, or ask for it with `mimir checkpoint {}`", run.id(), run.id());
}

Expected<std::shared_ptr<const Subject>> Warm::subject(const std::string& text, const std::string& architecture, Want want) {
  auto place = find_place(text, workspace_, want);
  if (!place) return pass_on(place);
  std::error_code error;
  const auto time = std::filesystem::last_write_time(place->path, error);
  if (error) return fail(ErrorCode::input, "{} does not exist or cannot be read", place->path.string());
  const std::string key = fmt::format("{}\n{}\n{}\n{}", place->path.string(), architecture, time.time_since_epoch().count(),
                                      std::filesystem::file_size(place->path, error));
  for (auto loaded = subjects_.begin(); loaded != subjects_.end(); ++loaded) {
    if (loaded->key != key) continue;
    subjects_.splice(subjects_.begin(), subjects_, loaded);
    return subjects_.front().subject;
  }
  auto subject = read_subject(*place, architecture, compute_.device);
  if (!subject) return subject;
  subjects_.push_front({key, *subject});
  if (subjects_.size() > kModelsKept) subjects_.pop_back();
  return subject;
}

Expected<std::shared_ptr<const Dataset>> Warm::dataset(const DataRecipe& recipe, std::int64_t img_size, StopToken stop) {
  for (auto data = datasets_.begin(); data != datasets_.end(); ++data) {
    if (!(data->recipe == recipe) || data->img_size != img_size) continue;
    datasets_.splice(datasets_.begin(), datasets_, data);
    return datasets_.front().dataset;
  }
  auto loaded = load_dataset(recipe, img_size, stop);
  if (!loaded) return pass_on(loaded);
  datasets_.push_front({recipe, img_size, std::make_shared<const Dataset>(std::move(*loaded))});
  if (datasets_.size() > kDatasetsKept) datasets_.pop_back();
  return datasets_.front().dataset;
}

}  // namespace mimir
