#include "core/data/dataset.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/text.h"
#include "core/data/subset.h"

namespace mimir {
namespace {

void copy_bytes(const PictureView& picture, std::uint8_t* out) {
  const std::int64_t count = picture.channels * picture.height * picture.width;
  if (!picture.floating) {
    std::copy_n(static_cast<const std::uint8_t*>(picture.pixels), count, out);
    return;
  }
  const auto* values = static_cast<const float*>(picture.pixels);
  for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(std::lround(values[i] * 255.0f));
}

}  // namespace

Split::Split(std::shared_ptr<const PictureSource> source, std::vector<std::int64_t> labels, std::vector<std::string> classes,
             std::int64_t channels, std::int64_t img_size)
    : ids_(labels.size()), member_(labels.size(), true) {
  std::iota(ids_.begin(), ids_.end(), std::int64_t{0});
  whole_ = std::make_shared<Whole>(Whole{std::move(source), std::move(labels), std::move(classes), channels, img_size});
}

std::shared_ptr<const Split> Split::part(std::vector<std::int64_t> ids) const {
  check(ids);
  TORCH_CHECK(std::is_sorted(ids.begin(), ids.end()), "the ids of a part are ascending");
  std::shared_ptr<Split> split(new Split);
  split->whole_ = whole_;
  split->member_.assign(member_.size(), false);
  for (const std::int64_t id : ids) split->member_[static_cast<std::size_t>(id)] = true;
  split->ids_ = std::move(ids);
  return split;
}

void Split::check(std::span<const std::int64_t> ids) const {
  for (const std::int64_t id : ids) {
    TORCH_CHECK(id >= 0 && id < static_cast<std::int64_t>(member_.size()) && member_[static_cast<std::size_t>(id)],
                "picture ", id, " is not of this part of the data set");
  }
}

at::Tensor Split::batch(std::span<const std::int64_t> ids, at::ScalarType type) const {
  check(ids);
  return at::empty({static_cast<std::int64_t>(ids.size()), channels(), img_size(), img_size()}, type);  // [B, C, S, S]
}

at::Tensor Split::labels(std::span<const std::int64_t> ids) const {
  check(ids);
  at::Tensor out = at::empty({static_cast<std::int64_t>(ids.size())}, at::kLong);
  std::transform(ids.begin(), ids.end(), out.data_ptr<std::int64_t>(), [this](std::int64_t id) { return label(id); });
  return out;
}

at::Tensor Split::fetch(std::span<const std::int64_t> ids) const {
  at::Tensor out = batch(ids, at::kByte);
  auto* row = out.data_ptr<std::uint8_t>();
  for (std::size_t i = 0; i < ids.size(); ++i, row += out.stride(0)) copy_bytes(whole_->source->picture(ids[i]), row);
  return out;
}

at::Tensor Split::fetch_float(std::span<const std::int64_t> ids) const {
  at::Tensor out = batch(ids, at::kFloat);
  auto* row = out.data_ptr<float>();
  for (std::size_t i = 0; i < ids.size(); ++i, row += out.stride(0)) {
    detail::copy_picture(whole_->source->picture(ids[i]), /*mirrored=*/false, row);
  }
  return out;
}

at::Tensor Split::train_batch(std::span<const std::int64_t> ids, const AugmentationEntry& augmentation, const Draws& draws,
                              std::uint32_t step) const {
  at::Tensor out = batch(ids, at::kFloat);
  const auto count = static_cast<std::size_t>(augmentation.draws_per_image);
  std::vector<float> numbers(ids.size() * count);
  if (count > 0) draws.uniform({Purpose::augmentation, step}, ids, numbers);
  auto* row = out.data_ptr<float>();
  for (std::size_t i = 0; i < ids.size(); ++i, row += out.stride(0)) {
    const PictureView view = augmentation.from_original ? whole_->source->original(ids[i]) : whole_->source->picture(ids[i]);
    augmentation.apply(view, img_size(), std::span(numbers).subspan(i * count, count), row);
  }
  return out;
}

Registry<DatasetEntry>& datasets() {
  static Registry<DatasetEntry> registry;
  return registry;
}

Expected<Dataset> load_dataset(const DataRecipe& recipe, std::int64_t img_size, StopToken stop) {
  const DatasetEntry* entry = datasets().find(recipe.name);
  if (!entry) {
    const auto ids = datasets().ids();
    const auto nearest = nearest_name(recipe.name, ids);
    return fail(ErrorCode::usage, "there is no data set \"{}\"; {}", recipe.name,
                nearest ? "did you mean \"" + *nearest + "\"?" : "there are " + join(ids, ", "));
  }
  if (!entry->takes_path && !recipe.path.empty()) {
    return fail(ErrorCode::usage, "the data set {} has no path, so data.path = {} would have no effect: leave it empty, or name the data set that is there",
                recipe.name, recipe.path);
  }
  if (entry->takes_path && recipe.path.empty()) {
    return fail(ErrorCode::usage, "the data set {} needs its place: --set data=PATH", recipe.name);
  }
  std::error_code ignored;
  if (entry->takes_path && !std::filesystem::exists(recipe.path, ignored)) {
    return fail(ErrorCode::input, "the data set's path {} does not exist", recipe.path);
  }
  auto loaded = entry->load(recipe, img_size, stop);
  if (!loaded) return loaded;
  loaded->train = take_balanced(*loaded->train, recipe.train_images);
  loaded->test = take_balanced(*loaded->test, recipe.test_images);
  return loaded;
}

std::string dataset_for_path(const std::string& name, const std::filesystem::path& path) {
  const auto reads = [&](const std::string& id) {
    const DatasetEntry* entry = datasets().find(id);
    return entry && entry->takes_path && entry->can_read(path);
  };
  if (reads(name)) return name;
  for (const char* id : {"folder", "safetensors"}) {
    if (reads(id)) return id;
  }
  for (const auto& [id, entry] : datasets()) {
    if (reads(id)) return id;
  }
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) ? "safetensors" : "folder";
}

}  // namespace mimir
