#include "core/data/source.h"

#include <torch/torch.h>

#include "core/data/picture.h"
#include "core/store/files.h"

namespace mimir {
namespace {

class MemorySource final : public PictureSource {
 public:
  explicit MemorySource(at::Tensor pictures) : pictures_(std::move(pictures)) {
    TORCH_CHECK(pictures_.dim() == 4 && pictures_.is_contiguous(), "a memory source takes contiguous [N, C, H, W]");
    base_ = static_cast<const std::byte*>(pictures_.data_ptr());
    stride_ = static_cast<std::size_t>(pictures_.stride(0)) * pictures_.element_size();
  }
  PictureView picture(std::int64_t id) const override {
    TORCH_CHECK(id >= 0 && id < pictures_.size(0), "no picture ", id);
    return {base_ + static_cast<std::size_t>(id) * stride_, pictures_.scalar_type() == at::kFloat,
            pictures_.size(1), pictures_.size(2), pictures_.size(3)};
  }

 private:
  at::Tensor pictures_;
  const std::byte* base_ = nullptr;
  std::size_t stride_ = 0;  ///< bytes of one picture
};

class OriginalsSource final : public PictureSource {
 public:
  OriginalsSource(std::vector<at::Tensor> pictures, std::int64_t size) : pictures_(std::move(pictures)), size_(size) {}
  PictureView picture(std::int64_t id) const override {
    return PictureView::of(fit_test(pictures_.at(static_cast<std::size_t>(id)), size_));
  }
  PictureView original(std::int64_t id) const override { return PictureView::of(pictures_.at(static_cast<std::size_t>(id))); }

 private:
  std::vector<at::Tensor> pictures_;
  std::int64_t size_;
};

class FileSource final : public PictureSource {
 public:
  FileSource(std::vector<std::filesystem::path> files, std::int64_t size) : files_(std::move(files)), size_(size) {}
  PictureView picture(std::int64_t id) const override { return PictureView::of(fit_test(read(id), size_)); }
  PictureView original(std::int64_t id) const override { return PictureView::of(read(id)); }

 private:
  at::Tensor read(std::int64_t id) const {
    auto picture = read_picture(files_.at(static_cast<std::size_t>(id)));
    if (!picture) throw ErrorException(std::move(picture.error()));
    return *picture;
  }
  std::vector<std::filesystem::path> files_;
  std::int64_t size_;
};

}  // namespace

PictureView PictureView::of(const at::Tensor& picture) {
  TORCH_CHECK(picture.dim() == 3 && picture.is_contiguous(), "a picture is contiguous [C, H, W]");
  return {picture.data_ptr(), picture.scalar_type() == at::kFloat, picture.size(0), picture.size(1), picture.size(2), picture};
}

at::Tensor PictureView::tensor() const {
  // from_blob takes a pointer to what may be written; nobody writes.
  return at::from_blob(const_cast<void*>(pixels), {channels, height, width}, at::TensorOptions(floating ? at::kFloat : at::kByte));
}

std::shared_ptr<const PictureSource> make_memory_source(at::Tensor pictures) {
  return std::make_shared<MemorySource>(std::move(pictures));
}

std::shared_ptr<const PictureSource> make_originals_source(std::vector<at::Tensor> pictures, std::int64_t size) {
  return std::make_shared<OriginalsSource>(std::move(pictures), size);
}

std::shared_ptr<const PictureSource> make_file_source(std::vector<std::filesystem::path> files, std::int64_t size) {
  return std::make_shared<FileSource>(std::move(files), size);
}

Expected<at::Tensor> read_picture(const std::filesystem::path& file) {
  auto bytes = read_file(file);
  if (!bytes) return pass_on(bytes);
  auto picture = decode_picture(*bytes);
  if (!picture) return fail(picture.error().code, "the picture {} cannot be read: {}", file.string(), picture.error().message);
  return picture;
}

}  // namespace mimir
