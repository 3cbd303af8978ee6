#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/error.h"

namespace mimir {

/// Pictures with more pixels than this are refused before anything is allocated for them.
inline constexpr std::int64_t kLargestPicture = 100'000'000;

/// Decodes a JPEG or a PNG to uint8 [3, H, W] on the CPU: grey becomes RGB, alpha is laid over black, 16 bits become 8.
/// `input` error, one sentence without the file's name, if the bytes are neither, end too early, are damaged or
/// describe a picture of more than kLargestPicture pixels. Safe from any thread.
Expected<at::Tensor> decode_picture(std::span<const std::byte> bytes);

/// The centred square of a picture [C, H, W] (uint8 or fp32), resized to [C, size, size]; the same tensor if it has
/// that size already. Antialiased bicubic (libtorch's, as torchvision's on PIL pictures), clamped, uint8 rounded.
at::Tensor fit_square(const at::Tensor& picture, std::int64_t size);

/// How a picture reaches a model in a test: unchanged if it is size x size; for size >= 224 as on ImageNet, the shorter
/// side resized to size * 256 / 224 and the centre cut out; else fit_square.
at::Tensor fit_test(const at::Tensor& picture, std::int64_t size);

/// fit_test for each of [N, C, H, W], on all cores.
at::Tensor fit_all(const at::Tensor& pictures, std::int64_t size);

/// Resizes the whole of [C, H, W] to [C, height, width] by the same filter.
at::Tensor resize_picture(const at::Tensor& picture, std::int64_t height, std::int64_t width);

}  // namespace mimir
