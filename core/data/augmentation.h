#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/base/registry.h"
#include "core/data/source.h"

namespace mimir {

/// What is done to a training picture. Pure: the picture and the numbers decide the pixels.
struct AugmentationEntry {
  EntryInfo info;
  std::int64_t draws_per_image = 0;  ///< uniform numbers of Purpose::augmentation that apply() reads
  bool from_original = false;        ///< reads PictureSource::original, not picture
  /// numbers: [draws_per_image] in [0,1). out: [C, size, size] fp32 in [0,1], uint8 values being value / 255.0f. The
  /// picture is size x size unless from_original. Runs in the calling thread, any thread.
  std::function<void(const PictureView& picture, std::int64_t size, std::span<const float> numbers, float* out)> apply;
};

/// none, flip, crop-flip, random-resized-crop.
Registry<AugmentationEntry>& augmentations();

namespace detail {
/// out = row / 255.0f for uint8, row for fp32; reversed if mirrored.
void copy_row(const std::uint8_t* row, std::int64_t count, bool mirrored, float* out);
void copy_row(const float* row, std::int64_t count, bool mirrored, float* out);
/// The whole picture [C, H, W] to fp32, mirrored or not.
void copy_picture(const PictureView& picture, bool mirrored, float* out);
}  // namespace detail

}  // namespace mimir
