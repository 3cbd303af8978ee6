#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace mimir {

/// One batch of a training step, before it is cut into shards. The functions are called by the shards' threads, each
/// for its own images, and give tensors on the device.
struct TrainBatch {
  std::span<const std::int64_t> ids;  ///< [B] image ids
  std::uint32_t draw_step = 0;        ///< DrawKey::step of everything drawn for this batch
  double epoch = 0;                   ///< fractional
  bool measure = true;                ///< whether the values that only curves need are wanted
  bool keep_images = false;           ///< whether BatchGradients::images is wanted
  c10::Device timed = c10::Device(c10::kCPU);  ///< a GPU that PartSeconds wait for; the CPU waits for none
  std::function<at::Tensor(std::span<const std::int64_t> ids)> images;  ///< [b, C, H, W] fp32 in [0,1], augmented
  std::function<at::Tensor(std::span<const std::int64_t> ids)> labels;  ///< [b] int64; unused in pre-training
};

/// A value of one step: a scalar tensor on the device, so that no step waits for it.
struct StepMetric {
  const char* name;  ///< without the stage
  at::Tensor value;
};

/// Where the time of a batch went, per thread.
struct PartSeconds {
  double data = 0;         ///< fetching and augmenting images
  double attack = 0;
  double forward = 0;      ///< the training forward pass
  double information = 0;  ///< over the gathered batch, on one thread
  double backward = 0;
};

/// What a batch gives: gradients in the order of the optimiser's parameters, and values for the curves. `loss` is
/// among the metrics too.
struct BatchGradients {
  std::vector<at::Tensor> gradients;
  at::Tensor loss;
  std::vector<StepMetric> metrics;
  at::Tensor images;        ///< [B, C, H, W] what the model was trained on, if wanted
  PartSeconds seconds;
};

}  // namespace mimir
