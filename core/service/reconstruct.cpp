#include <torch/torch.h>

#include <cmath>

#include "core/attacks/projections.h"
#include "core/attacks/reconstruction_objective.h"
#include "core/base/text.h"
#include "core/inspection/reconstruction.h"
#include "core/service/attack_settings.h"
#include "core/service/pictures.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace {

struct ChosenMask {
  at::Tensor removed;  ///< [N, L], 1 removed
  std::string kind;
  double ratio = 0;
  std::int64_t seed = 0;
  std::optional<std::string> option;  ///< --mask of a tensor that came with the request, if one list says it
};

std::string listed(const at::Tensor& row) {
  std::vector<std::string> words;
  for (std::int64_t patch = 0; patch < row.size(0); ++patch) {
    if (row[patch].item<float>() != 0) words.push_back(std::to_string(patch));
  }
  return join(words, ",");
}

Expected<ChosenMask> from_array(const Array& array, std::int64_t count, std::int64_t patches) {
  const bool known = array.dtype == Dtype::u8 || array.dtype == Dtype::boolean || array.dtype == Dtype::f32;
  const bool row = array.shape == std::vector<std::int64_t>{patches};
  if (!known || (!row && array.shape != std::vector<std::int64_t>{count, patches})) {
    return fail(ErrorCode::input, "the tensor `mask` must be [{0}] or [{1}, {0}]: uint8, bool or fp32, 1 removed", patches, count);
  }
  const at::Tensor mask = to_tensor(array).ne(0).to(at::kFloat);
  ChosenMask chosen{row ? mask.expand({count, -1}).contiguous() : mask, "given", mask.mean().item<double>(), 0, std::nullopt};
  if ((chosen.removed == chosen.removed.slice(0, 0, 1)).all().item<bool>() && chosen.removed[0].sum().item<float>() > 0) {
    chosen.option = listed(chosen.removed[0]);
  }
  return chosen;
}

Expected<ChosenMask> choose_mask(const Settings& settings, const NamedArrays& arrays, const Subject& subject, std::span<const std::int64_t> ids) {
  const std::int64_t grid = subject.img_size / subject.patch_size, patches = grid * grid;
  const auto count = static_cast<std::int64_t>(ids.size());
  if (const auto array = arrays.find("mask"); array != arrays.end()) return from_array(array->second, count, patches);
  ChosenMask chosen;
  if (settings.given("mask")) {
    const auto list = parse_ids(settings.text("mask"));
    if (!list) return fail(ErrorCode::usage, "--mask {}: it must be numbers of patches by comma", settings.text("mask"));
    chosen.kind = "given";
    chosen.removed = at::zeros({count, patches});
    for (const std::int64_t patch : *list) {
      if (patch < 0 || patch >= patches) return fail(ErrorCode::usage, "--mask: there is no patch {}; they go from 0 to {}", patch, patches - 1);
      chosen.removed.select(1, patch).fill_(1);
    }
    chosen.ratio = chosen.removed[0].mean().item<double>();
    return chosen;
  }
  auto kind = parse_mask_kind(settings.text("mask-kind"));
  if (!kind) return pass_on(kind);
  chosen.kind = settings.text("mask-kind");
  chosen.ratio = settings.number("mask-ratio");
  if (chosen.ratio < 0) chosen.ratio = subject.recipe.pretrain ? subject.recipe.pretrain->mask_ratio : 0.75;
  chosen.seed = settings.integer("mask-seed");
  if (chosen.seed < 0) chosen.seed = subject.recipe.seed;
  const PhiloxDraws draws(static_cast<std::uint64_t>(chosen.seed));
  chosen.removed = draw_mask(*kind, chosen.ratio, draws, ids, grid).mask;
  return chosen;
}

/// The attacked images [N, C, S, S], with the mask of each and the clean target.
Expected<at::Tensor> attacked_images(const Subject& subject, const AttackChoice& attack, const Pictures& pictures, const at::Tensor& removed,
                                     bool norm_pix_loss, std::int64_t seed, const Job& job) {
  auto made = make_attack(attack.name, attack.settings);
  if (!made) return pass_on(made);
  const PhiloxDraws draws(static_cast<std::uint64_t>(seed));
  const std::vector<std::int64_t> ids = pictures.ids();
  std::vector<at::Tensor> rows;
  for (std::int64_t n = 0; n < removed.size(0); ++n) {  // masks of one request may remove different numbers of patches
    if (removed[n].sum().item<float>() == 0) return fail(ErrorCode::usage, "nothing is masked, so there is no error of masked patches to attack");
    job.tell(n, removed.size(0), "attack");
    const at::Tensor clean = pictures.images.slice(0, n, n + 1);
    ReconstructionObjective objective(*subject.autoencoder, given_mask(removed.slice(0, n, n + 1)),
                                      reconstruction_target(clean, subject.patch_size, norm_pix_loss), {.stop = job.stop});
    AttackRun run{draws, {Purpose::probe, 0, 1}, std::span(ids).subspan(static_cast<std::size_t>(n), 1), job.stop};
    rows.push_back((*made)->run(objective, clean, run));
  }
  return at::cat(rows);
}

Expected<at::Tensor> encoder_input(const Subject& subject, const AttackChoice& attack, const Pictures& pictures, const NamedArrays& arrays,
                                   const at::Tensor& removed, bool norm_pix_loss, std::int64_t seed, const Job& job) {
  if (const auto array = arrays.find("adversarial"); array != arrays.end()) {
    const at::Tensor images = array->second.dtype == Dtype::f32 ? to_tensor(array->second) : at::Tensor();
    if (!images.defined() || images.sizes() != pictures.images.sizes()) {
      return fail(ErrorCode::input, "the tensor `adversarial` must be fp32 and as large as the pictures");
    }
    return images.to(pictures.images.device());
  }
  if (attack.name.empty()) return pictures.images;
  return attacked_images(subject, attack, pictures, removed, norm_pix_loss, seed, job);
}

Expected<Findings> reconstruct_request(Warm& warm, const Settings& settings, const NamedArrays& arrays, const Job& job) {
  auto attack = read_attack(settings, /*objective_too=*/false);
  if (!attack) return pass_on(attack);
  auto found = find_subject(warm, settings, Want::pretrained);
  if (!found) return pass_on(found);
  const Subject& subject = **found;
  if (!subject.autoencoder) {
    return fail(ErrorCode::mismatch, "{} has no decoder, so it reconstructs nothing: take the pre-training checkpoint it came from", subject.said());
  }
  auto pictures = find_pictures(warm, subject, settings, arrays, job.stop);
  if (!pictures) return pass_on(pictures);
  const std::vector<std::int64_t> ids = pictures->ids();
  auto mask = choose_mask(settings, arrays, subject, ids);
  if (!mask) return pass_on(mask);
  mask->removed = mask->removed.to(pictures->images.device());
  const bool norm_pix_loss = !subject.recipe.pretrain || subject.recipe.pretrain->norm_pix_loss;
  if (!subject.recipe_known) pictures->notes.push_back("the file does not say whether the model predicts normalised patches: it is taken so");
  auto input = encoder_input(subject, *attack, *pictures, arrays, mask->removed, norm_pix_loss, settings.integer("seed"), job);
  if (!input) return pass_on(input);
  const bool attacked = arrays.contains("adversarial") || !attack->name.empty();

  Findings findings;
  findings.result = common_result("reconstruct", subject, *pictures, settings, warm);
  const ForwardContext context{.stop = job.stop};
  std::vector<at::Tensor> reconstruction, error;
  for (std::int64_t n = 0; n < input->size(0); ++n) {
    job.tell(n, input->size(0), "reconstruction");
    const auto one = [n](const at::Tensor& tensor) { return tensor.slice(0, n, n + 1); };
    const PatchMask patches = given_mask(one(mask->removed));
    const ReconstructionView view = reconstruct(*subject.autoencoder, one(*input), one(pictures->images), patches, norm_pix_loss, context);
    reconstruction.push_back(view.reconstruction);
    error.push_back(view.error);
    auto& image = findings.result["images"][static_cast<std::size_t>(n)];
    const auto put = [&](const char* key, const at::Tensor& value) { image[key] = number_or_null(value.item<double>()); };
    image["masked"] = static_cast<std::int64_t>(patches.mask.sum().item<float>());
    put("error_masked", view.error_masked);
    put("error_visible", view.error_visible);
    put("psnr", view.psnr);
    put("ssim", view.ssim);
    put("psnr_masked", view.psnr_masked);
    put("ssim_masked", view.ssim_masked);
    image["attack_gain"] = nullptr;
    if (!attacked) continue;
    const ReconstructionView clean = reconstruct(*subject.autoencoder, one(pictures->images), one(pictures->images), patches, norm_pix_loss, context);
    put("attack_gain", view.loss.to(at::kDouble) - clean.loss.to(at::kDouble));
    put("linf", perturbation_size(one(*input), one(pictures->images), Norm::linf));
    put("l2", perturbation_size(one(*input), one(pictures->images), Norm::l2));
  }
  const std::int64_t grid = subject.img_size / subject.patch_size;
  findings.result["mask"] = {{"kind", mask->kind}, {"ratio", mask->ratio}, {"seed", mask->seed}};
  findings.result["grid"] = {grid, grid};
  findings.result["uses_ground_truth_statistics"] = norm_pix_loss;
  findings.result["attack"] = arrays.contains("adversarial") ? nlohmann::json(nullptr) : attack_json(*attack, false);
  if (!arrays.contains("adversarial")) note_images_outside(findings.result, *attack, pictures->images, *input);
  if (arrays.contains("adversarial") || (arrays.contains("mask") && !mask->option)) {
    findings.result["command"] = nullptr;
  } else if (mask->option && findings.result["command"].is_string()) {
    findings.result["command"] = findings.result["command"].get<std::string>() + " --mask " + *mask->option;
  }
  findings.tensors = {{"clean", pictures->images}, {"adversarial", *input}, {"reconstruction", at::cat(reconstruction)}, {"mask", mask->removed},
                      {"error", at::cat(error)}};
  return findings;
}

std::vector<Parameter> parameters() {
  std::vector<Parameter> list = model_parameters("0", "Ids of images of the split, by comma, or a PNG or JPEG file.");
  list.push_back({.key = "mask-ratio", .fallback = -1.0, .minimum = -1, .maximum = 1, .help = "Share of the patches that are removed; -1 takes the run's, else 0.75."});
  list.push_back({.key = "mask-kind", .type = ParameterType::choice, .fallback = "random", .choices = {"random", "block", "grid"},
                  .help = "Patches each by chance, one block, or evenly spread."});
  list.push_back({.key = "mask-seed", .type = ParameterType::integer, .fallback = -1LL, .minimum = -1, .help = "Of the mask; -1 takes the run's, whose random mask is that of its probe."});
  list.push_back({.key = "mask", .type = ParameterType::text, .fallback = "", .help = "The removed patches by number, row by row and by comma; wins over the three above."});
  for (Parameter& each : attack_parameters("", /*objective_too=*/false)) list.push_back(std::move(each));
  return list;
}

const bool registered = services().add({{"reconstruct", "Reconstruction", "He et al. 2022; Xu et al., MIMIR",
                                         "What a masked autoencoder makes of the visible patches of an image, clean or attacked.", parameters()},
                                        reconstruct_request});

}  // namespace
}  // namespace mimir
