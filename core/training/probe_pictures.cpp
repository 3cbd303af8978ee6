#include "core/training/probe_pictures.h"

#include <torch/torch.h>

#include <filesystem>

#include "core/models/patches.h"
#include "core/store/safetensors.h"
#include "core/tensor/arrays.h"
#include "core/training/sheet.h"

namespace mimir {
namespace {

at::Tensor to_bytes(const at::Tensor& images) { return (images.clamp(0, 1) * 255).round().to(at::kByte).to(at::kCPU); }

}  // namespace

Expected<void> write_probe_pictures(const ProbePictures& p, std::int64_t step, const RunFolder& folder, Observer& observer) {
  const auto directory = folder.media("pretrain");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(ErrorCode::storage, "{} cannot be made: {}", directory.string(), error.message());

  const at::Tensor removed = patches_to_pixels(p.mask, p.patch_size).unsqueeze(1);  // [N, 1, H, W]
  const at::Tensor reconstruction = picture_of_prediction(p.prediction, p.clean, p.patch_size, p.norm_pix_loss);  // [N, C, H, W]
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
