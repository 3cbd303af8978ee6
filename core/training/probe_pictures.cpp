#include "core/training/probe_pictures.h"

#include <torch/torch.h>

#include <filesystem>

#include "core/models/masked_autoencoder.h"
#include "core/store/safetensors.h"
#include "core/tensor/arrays.h"
#include "core/training/sheet.h"

namespace mimir {
namespace {

at::Tensor to_bytes(const at::Tensor& images) { return (images.clamp(0, 1) * 255).round().to(at::kByte).to(at::kCPU); }

/// Mask over pixels: [N, 1, H, W], 1 removed.
at::Tensor pixel_mask(const ProbePictures& p) {
  const std::int64_t channels = p.clean.size(1);
  return unpatchify(p.mask.unsqueeze(-1).expand({-1, -1, p.patch_size * p.patch_size * channels}), p.patch_size).slice(1, 0, 1);
}

/// The prediction as a picture; visible patches as predicted too.
at::Tensor picture_of_prediction(const ProbePictures& p) {
  at::Tensor patches = p.prediction;
  if (p.norm_pix_loss) {
    const auto [variance, mean] = at::var_mean(patchify(p.clean, p.patch_size), /*dim=*/{-1}, /*correction=*/1, /*keepdim=*/true);
    patches = patches * (variance + 1e-6).sqrt() + mean;
  }
  return unpatchify(patches, p.patch_size);
}

}  // namespace

Expected<void> write_probe_pictures(const ProbePictures& p, std::int64_t step, const RunFolder& folder, Observer& observer) {
  const auto directory = folder.media("pretrain");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(ErrorCode::storage, "{} cannot be made: {}", directory.string(), error.message());

  const at::Tensor removed = pixel_mask(p);                     // [N, 1, H, W]
  const at::Tensor reconstruction = picture_of_prediction(p);   // [N, C, H, W]
  const at::Tensor squared = (reconstruction - p.clean).square().mean(1, /*keepdim=*/true);
  const auto mean_where = [&](const at::Tensor& where) {
    return (squared * where).sum({1, 2, 3}) / where.sum({1, 2, 3}).clamp_min(1);
  };
  Safetensors document;
  document.metadata = {{"stage", "pretrain"}, {"step", std::to_string(step)}, {"norm_pix_loss", p.norm_pix_loss ? "true" : "false"}};
  document.arrays = {{"clean", to_array(to_bytes(p.clean))},
                     {"input", to_array(to_bytes(p.input))},
                     {"reconstruction", to_array(to_bytes(reconstruction))},
                     {"mask", to_array(p.mask)},
                     {"error_masked", to_array(mean_where(removed).to(at::kFloat))},
                     {"error_visible", to_array(mean_where(1 - removed).to(at::kFloat))}};
  const auto arrays = directory / (std::to_string(step) + "-probe.safetensors");
  if (auto written = write_safetensors(arrays, document); !written) return written;
  observer.picture("pretrain", step, "probe", folder.relative(arrays));

  const at::Tensor seen = p.input * (1 - removed) + 0.85 * removed;
  const at::Tensor difference = (squared.sqrt() * 4).clamp(0, 1).expand({-1, 3, -1, -1});
  const auto picture = directory / (std::to_string(step) + "-probe.png");
  auto drawn = write_sheet(picture, {{"clean", to_bytes(p.clean)},
                                     {"encoder input", to_bytes(seen)},
                                     {"reconstruction", to_bytes(reconstruction)},
                                     {"error", to_bytes(1 - difference)}});
  if (!drawn) return pass_on(drawn);
  if (!*drawn) {
    if (step == 0) observer.message(Level::info, "no_sheet", "Probe sheets need OpenCV, which this build leaves out; the pictures' arrays are written.");
    return {};
  }
  observer.picture("pretrain", step, "sheet", folder.relative(picture));
  return {};
}

}  // namespace mimir
