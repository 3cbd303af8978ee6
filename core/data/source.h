#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/error.h"

namespace mimir {

/// One picture where it lies: row-major [channels, height, width], uint8 or fp32 in [0,1].
struct PictureView {
  const void* pixels = nullptr;
  bool floating = false;
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  at::Tensor owner = {};  ///< keeps `pixels` alive, where the source does not

  static PictureView of(const at::Tensor& picture);  ///< contiguous [C, H, W]; the view owns it
  at::Tensor tensor() const;                         ///< shares the pixels; must not outlive the view
};

/// Where the pictures of a data set come from, by their place in it. Immutable; all calls are safe from any thread
/// and single-threaded inside where the calling thread's libtorch is.
class PictureSource {
 public:
  virtual ~PictureSource() = default;
  /// As a test shows it to the model: [C, S, S], the same S for all.
  virtual PictureView picture(std::int64_t id) const = 0;
  /// As it was decoded, of any size: for augmentations that cut a piece out of it.
  virtual PictureView original(std::int64_t id) const { return picture(id); }
};

/// pictures: [N, C, S, S], uint8 or fp32, contiguous, on the CPU.
std::shared_ptr<const PictureSource> make_memory_source(at::Tensor pictures);

/// Decoded pictures uint8 [3, H, W] of any sizes, kept as they are; picture() fits them to size x size at each call.
std::shared_ptr<const PictureSource> make_originals_source(std::vector<at::Tensor> pictures, std::int64_t size);

/// Decodes at each call. A file that cannot be read any more throws ErrorException(input) with its name.
std::shared_ptr<const PictureSource> make_file_source(std::vector<std::filesystem::path> files, std::int64_t size);

/// The file's picture, uint8 [3, H, W]; errors name the file.
Expected<at::Tensor> read_picture(const std::filesystem::path& file);

}  // namespace mimir
