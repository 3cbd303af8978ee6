#include <torch/torch.h>

#include <algorithm>

#include "core/data/dataset.h"
#include "core/store/safetensors.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMostClasses = 1'000'000;

/// A pair of arrays of the file: pictures and their classes.
struct Loaded {
  at::Tensor images;  ///< [N, C, S, S] uint8 or fp32
  std::vector<std::int64_t> labels;
};

std::string shape_text(const std::vector<std::int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

Expected<at::Tensor> read_images(const Array& array, const std::string& origin, std::int64_t img_size) {
  if (array.dtype != Dtype::u8 && array.dtype != Dtype::f32) {
    return fail(ErrorCode::input, "{} must be uint8, or fp32 in [0,1]", origin);
  }
  const auto& shape = array.shape;
  if (shape.size() != 4 || shape[0] < 1 || shape[2] < 1) {
    return fail(ErrorCode::input, "{} must be pictures [N, C, H, W], but its shape is {}", origin, shape_text(shape));
  }
  if (shape[1] != 3 && shape[1] != 1) {
    return fail(ErrorCode::mismatch, "{} must have 3 channels (or 1, grey) in its second dimension, but its shape is {}", origin, shape_text(shape));
  }
  const std::int64_t size = img_size == 0 ? shape[2] : img_size;
  if (shape[2] != size || shape[3] != size) {  // resizing would change the exact values, which the format is for
    return fail(ErrorCode::mismatch, "{} has pictures of {} x {}, but the model takes {} x {}: set model.img_size, or resize the file's pictures",
                origin, shape[2], shape[3], size, size);
  }
  if (array.dtype == Dtype::f32) {
    const auto values = array.as<float>();
    const auto outside = std::find_if(values.begin(), values.end(), [](float v) { return !(v >= 0.0f && v <= 1.0f); });
    if (outside != values.end()) return fail(ErrorCode::input, "{} must be in [0,1], but has the value {}", origin, *outside);
  }
  return to_tensor(array);
}

Expected<std::vector<std::int64_t>> read_labels(const Array& array, const std::string& origin, std::int64_t count) {
  if (array.dtype != Dtype::i64 || array.shape.size() != 1) return fail(ErrorCode::input, "{} must be int64 [N]", origin);
  if (array.shape[0] != count) {
    return fail(ErrorCode::mismatch, "{} has {} labels for {} pictures", origin, array.shape[0], count);
  }
  const auto values = array.as<std::int64_t>();
  const auto outside = std::find_if(values.begin(), values.end(), [](std::int64_t v) { return v < 0 || v >= kMostClasses; });
  if (outside != values.end()) {
    return fail(ErrorCode::input, "{} must be classes from 0 on, but label {} is {}", origin, outside - values.begin(), *outside);
  }
  return std::vector<std::int64_t>(values.begin(), values.end());
}

Expected<Loaded> read_pair(const Safetensors& file, const std::string& prefix, const std::string& path, std::int64_t img_size) {
  const Array* images = file.find(prefix + "images");
  const Array* labels = file.find(prefix + "labels");
  if (!images || !labels) {
    return fail(ErrorCode::input, "{} has no array \"{}{}\": a data set has images [N, C, H, W] and labels [N], or both with train. and test. before them",
                path, prefix, images ? "labels" : "images");
  }
  auto pictures = read_images(*images, fmt::format("\"{}images\" of {}", prefix, path), img_size);
  if (!pictures) return pass_on(pictures);
  auto classes = read_labels(*labels, fmt::format("\"{}labels\" of {}", prefix, path), pictures->size(0));
  if (!classes) return pass_on(classes);
  return Loaded{*pictures, std::move(*classes)};
}

/// Classes have no names in the file; they are 0 … the largest label.
std::vector<std::string> class_names(const std::vector<std::int64_t>& train, const std::vector<std::int64_t>& test) {
  std::int64_t largest = *std::max_element(train.begin(), train.end());
  if (!test.empty()) largest = std::max(largest, *std::max_element(test.begin(), test.end()));
  std::vector<std::string> names;
  for (std::int64_t k = 0; k <= largest; ++k) names.push_back(std::to_string(k));
  return names;
}

std::shared_ptr<const Split> make_split(Loaded loaded, const std::vector<std::string>& classes) {
  const std::int64_t channels = loaded.images.size(1), size = loaded.images.size(2);
  return std::make_shared<const Split>(make_memory_source(std::move(loaded.images)), std::move(loaded.labels), classes, channels, size);
}

Expected<Dataset> load(const DataRecipe& recipe, std::int64_t img_size, StopToken) {
  auto file = read_safetensors(recipe.path);
  if (!file) return pass_on(file);
  const bool two = file->find("train.images") || file->find("test.images");
  auto train = read_pair(*file, two ? "train." : "", recipe.path, img_size);
  if (!train) return pass_on(train);
  if (!two) {
    const auto split = make_split(*train, class_names(train->labels, {}));
    return Dataset{split, split, {recipe.path + " has one set of pictures, which is trained on and tested on"}};
  }
  auto test = read_pair(*file, "test.", recipe.path, img_size);
  if (!test) return pass_on(test);
  if (test->images.sizes().slice(1) != train->images.sizes().slice(1)) {
    return fail(ErrorCode::mismatch, "\"train.images\" and \"test.images\" of {} have pictures of different shapes", recipe.path);
  }
  const auto classes = class_names(train->labels, test->labels);
  return Dataset{make_split(std::move(*train), classes), make_split(std::move(*test), classes)};
}

bool can_read(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && path.extension() == ".safetensors";
}

const bool registered = datasets().add(
    {{"safetensors", "Safetensors file", "",
      "images [N, C, H, W] (uint8, or fp32 in [0,1] kept exactly) and labels [N] (int64); or train.images, train.labels, test.images, test.labels."},
     true, can_read, load});

}  // namespace
}  // namespace mimir
