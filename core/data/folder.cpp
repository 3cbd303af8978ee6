#include "core/data/folder.h"

#include <torch/torch.h>

#include <algorithm>
#include <atomic>
#include <fstream>

#include "core/data/parallel.h"
#include "core/data/picture.h"

namespace mimir {
namespace fs = std::filesystem;
namespace {

/// The files of train/ or test/.
struct Listing {
  std::vector<std::string> classes;
  std::vector<fs::path> files;
  std::vector<std::int64_t> labels;
};

bool is_picture(const fs::path& file) {
  std::string suffix = file.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return (suffix == ".jpg" || suffix == ".jpeg" || suffix == ".png") && !file.filename().string().starts_with('.');
}

/// Sorted by name. An unreadable folder is like an empty one.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) all.push_back(it->path());
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> all = entries(folder);
  std::error_code ignored;
  std::erase_if(all, [&](const fs::path& path) { return path.filename().string().starts_with('.') || !fs::is_directory(path, ignored); });
  return all;
}

Expected<Listing> list_pictures(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    return fail(ErrorCode::input, "{} has no folder {}/: pictures lie in train/CLASS/ and test/CLASS/", folder.parent_path().string(), folder.filename().string());
  }
  Listing listing;
  for (const fs::path& group : folders_in(folder)) {
    const std::size_t before = listing.files.size();
    for (const fs::path& file : entries(group)) {
      if (!is_picture(file)) continue;
      listing.files.push_back(file);
      listing.labels.push_back(static_cast<std::int64_t>(listing.classes.size()));
    }
    if (listing.files.size() == before) return fail(ErrorCode::input, "the class folder {} has no JPEG or PNG in it", group.string());
    listing.classes.push_back(group.filename().string());
  }
  if (listing.classes.empty()) return fail(ErrorCode::input, "{} has no class folders with pictures", folder.string());
  return listing;
}

/// Half of MemAvailable of /proc/meminfo; 1 GiB where that cannot be read.
std::int64_t default_budget() {
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  for (std::int64_t value = 0; file >> key >> value;) {
    if (key == "MemAvailable:") return value * 1024 / 2;
    std::getline(file, unit);
  }
  return std::int64_t{1} << 30;
}

/// Bytes that all decoded pictures of the listing would take, from 16 of them.
Expected<std::int64_t> estimate_bytes(const Listing& listing) {
  const std::size_t samples = std::min<std::size_t>(16, listing.files.size());
  double sum = 0;
  for (std::size_t k = 0; k < samples; ++k) {
    auto picture = read_picture(listing.files[k * listing.files.size() / samples]);
    if (!picture) return pass_on(picture);
    sum += static_cast<double>(picture->numel());
  }
  return static_cast<std::int64_t>(sum / static_cast<double>(samples) * static_cast<double>(listing.files.size()));
}

struct Decoded {
  std::shared_ptr<const PictureSource> source;
  std::int64_t resized = 0;  ///< pictures of another size than the model's
};

Expected<Decoded> decode_fitted(const Listing& listing, std::int64_t size, StopToken stop) {
  const auto count = static_cast<std::int64_t>(listing.files.size());
  at::Tensor pictures = at::empty({count, 3, size, size}, at::kByte);  // [N, 3, S, S]
  std::atomic<std::int64_t> resized = 0;
  auto done = for_each_parallel(count, [&](std::int64_t i) -> Expected<void> {
    auto picture = read_picture(listing.files[static_cast<std::size_t>(i)]);
    if (!picture) return pass_on(picture);
    if (picture->size(1) != size || picture->size(2) != size) ++resized;
    const at::Tensor fitted = fit_test(*picture, size);
    std::copy_n(fitted.data_ptr<std::uint8_t>(), fitted.numel(), pictures.data_ptr<std::uint8_t>() + i * fitted.numel());
    return {};
  }, stop);
  if (!done) return pass_on(done);
  return Decoded{make_memory_source(pictures), resized};
}

Expected<Decoded> decode_originals(const Listing& listing, std::int64_t size, StopToken stop) {
  std::vector<at::Tensor> pictures(listing.files.size());
  std::atomic<std::int64_t> resized = 0;
  auto done = for_each_parallel(static_cast<std::int64_t>(pictures.size()), [&](std::int64_t i) -> Expected<void> {
    auto picture = read_picture(listing.files[static_cast<std::size_t>(i)]);
    if (!picture) return pass_on(picture);
    if (picture->size(1) != size || picture->size(2) != size) ++resized;
    pictures[static_cast<std::size_t>(i)] = *picture;
    return {};
  }, stop);
  if (!done) return pass_on(done);
  if (resized == 0) return Decoded{make_memory_source(at::stack(pictures)), 0};  // [N, 3, S, S]
  return Decoded{make_originals_source(std::move(pictures), size), resized};
}

struct Part {
  std::shared_ptr<const Split> split;
  std::string note;
};

/// `budget` is what is left of the memory for pictures; what is taken is subtracted.
Expected<Part> load_part(const fs::path& folder, Listing listing, bool keep_originals, std::int64_t size, std::int64_t& budget, StopToken stop) {
  std::int64_t bytes = static_cast<std::int64_t>(listing.files.size()) * 3 * size * size;
  if (keep_originals) {
    auto estimate = estimate_bytes(listing);
    if (!estimate) return pass_on(estimate);
    bytes = *estimate;
  }
  const auto split = [&](std::shared_ptr<const PictureSource> source) {
    return std::make_shared<const Split>(std::move(source), std::move(listing.labels), std::move(listing.classes), 3, size);
  };
  if (bytes > budget) {
    return Part{split(make_file_source(listing.files, size)),
                fmt::format("the {} pictures of {} need about {} MiB decoded, more than half of the free memory: each is decoded when it is used",
                            listing.files.size(), folder.string(), bytes >> 20)};
  }
  budget -= bytes;
  auto decoded = keep_originals ? decode_originals(listing, size, stop) : decode_fitted(listing, size, stop);
  if (!decoded) return pass_on(decoded);
  const std::string note = decoded->resized == 0 ? std::string() :
      fmt::format("{} of the {} pictures of {} are not {} x {}: {}", decoded->resized, listing.files.size(), folder.string(), size, size,
                  size < 224 ? "their centred square is resized" : "they are resized and their centre is cut out");
  return Part{split(decoded->source), note};
}

Expected<void> check_same_classes(const fs::path& path, const Listing& train, const Listing& test) {
  std::vector<std::string> odd;
  std::set_symmetric_difference(train.classes.begin(), train.classes.end(), test.classes.begin(), test.classes.end(), std::back_inserter(odd));
  if (odd.empty()) return {};
  const bool in_train = std::binary_search(train.classes.begin(), train.classes.end(), odd.front());
  return fail(ErrorCode::mismatch, "train/ and test/ of {} must have the same classes, but \"{}\" is only in {}/", path.string(),
              odd.front(), in_train ? "train" : "test");
}

Expected<Dataset> load(const DataRecipe& recipe, std::int64_t img_size, StopToken stop) {
  const AugmentationEntry* augmentation = augmentations().find(recipe.augmentation);
  return load_folder(recipe.path, {.img_size = img_size, .keep_originals = augmentation && augmentation->from_original}, stop);
}

const bool registered = datasets().add(
    {{"folder", "Folder of pictures", "", "JPEG and PNG pictures in train/CLASS/ and test/CLASS/; other sizes than the model's are resized."},
     true, has_picture_folders, load});

}  // namespace

bool has_picture_folders(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path / "train", ignored) && fs::is_directory(path / "test", ignored);
}

std::vector<std::string> class_folders(const fs::path& path) {
  std::vector<std::string> names;
  for (const fs::path& folder : folders_in(path / "train")) names.push_back(folder.filename().string());
  return names;
}

Expected<Dataset> load_folder(const fs::path& path, const FolderOptions& options, StopToken stop) {
  if (options.img_size < 1) return fail(ErrorCode::usage, "pictures of a folder need a size: set model.img_size");
  auto train = list_pictures(path / "train");
  if (!train) return pass_on(train);
  auto test = list_pictures(path / "test");
  if (!test) return pass_on(test);
  if (auto same = check_same_classes(path, *train, *test); !same) return pass_on(same);

  std::int64_t budget = options.memory_budget.value_or(default_budget());
  auto test_part = load_part(path / "test", std::move(*test), false, options.img_size, budget, stop);
  if (!test_part) return pass_on(test_part);
  auto train_part = load_part(path / "train", std::move(*train), options.keep_originals, options.img_size, budget, stop);
  if (!train_part) return pass_on(train_part);
  Dataset dataset{train_part->split, test_part->split};
  for (const std::string& note : {train_part->note, test_part->note}) {
    if (!note.empty()) dataset.notes.push_back(note);
  }
  return dataset;
}

}  // namespace mimir
