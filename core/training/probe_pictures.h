#pragma once

#include <ATen/core/Tensor.h>

#include "core/base/error.h"
#include "core/base/observer.h"
#include "core/store/run_folder.h"

namespace mimir {

struct ProbePictures {
  at::Tensor clean;       ///< [N, C, H, W] in [0,1]
  at::Tensor input;       ///< [N, C, H, W] what the encoder was given
  at::Tensor prediction;  ///< [N, L, 3pp]
  at::Tensor mask;        ///< [N, L] 1 removed
  std::int64_t patch_size = 4;
  bool norm_pix_loss = true;  ///< then patches get the clean image's mean and deviation back
};

/// Writes media/pretrain/<step>-probe.safetensors {clean, input, reconstruction: uint8 [N, C, H, W]; mask [N, L];
/// error_masked, error_visible: fp32 [N], mean squared error in pixels of [0,1]} and <step>-probe.png, a sheet with a
/// row of clean, encoder input, reconstruction and error for each image. Tells the observer where they are.
Expected<void> write_probe_pictures(const ProbePictures& pictures, std::int64_t step, const RunFolder& folder, Observer& observer);

}  // namespace mimir
