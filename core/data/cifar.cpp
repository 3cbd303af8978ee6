#include <torch/torch.h>

#include <algorithm>
#include <array>

#include "core/data/dataset.h"
#include "core/data/folder.h"
#include "core/data/picture.h"
#include "core/store/files.h"

// The published "binary version" of CIFAR (Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html): records of
// one label byte (CIFAR-100: coarse, then fine) and 3 x 32 x 32 bytes, channel by channel, row by row.

namespace mimir {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kSide = 32;
constexpr std::int64_t kPixels = 3 * kSide * kSide;

struct Cifar {
  const char* name;
  const char* folder;  ///< what the archive unpacks to
  std::vector<std::string> train_files;
  std::string test_file;
  std::size_t label_bytes;  ///< the last one is the class
  std::vector<std::string> classes;
};

const Cifar& cifar10() {
  static const Cifar cifar{"cifar10", "cifar-10-batches-bin",
                           {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
                           "test_batch.bin", 1,
                           {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}};
  return cifar;
}

const Cifar& cifar100() {
  static const Cifar cifar{
      "cifar100", "cifar-100-binary", {"train.bin"}, "test.bin", 2,
      {"apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge",
       "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud",
       "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl",
       "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man",
       "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree",
       "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray",
       "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider",
       "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
       "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm"}};
  return cifar;
}

/// The folder with the binary files: path, or the archive's folder in it; empty if neither has one of them.
fs::path binary_folder(const Cifar& cifar, const fs::path& path) {
  std::error_code ignored;
  for (const fs::path& folder : {path, path / cifar.folder}) {
    if (fs::is_regular_file(folder / cifar.train_files.front(), ignored) || fs::is_regular_file(folder / cifar.test_file, ignored)) return folder;
  }
  return {};
}

Expected<std::shared_ptr<const Split>> read_binary(const Cifar& cifar, const fs::path& folder, const std::vector<std::string>& names,
                                                   std::int64_t img_size) {
  const std::size_t record = cifar.label_bytes + static_cast<std::size_t>(kPixels);
  std::vector<std::vector<std::byte>> files;
  std::size_t count = 0;
  for (const std::string& name : names) {
    auto bytes = read_file(folder / name);
    if (!bytes) return pass_on(bytes);
    if (bytes->empty() || bytes->size() % record != 0) {
      return fail(ErrorCode::input, "{} is not a whole {} file: its {} bytes are not a multiple of {}", (folder / name).string(), cifar.name,
                  bytes->size(), record);
    }
    count += bytes->size() / record;
    files.push_back(std::move(*bytes));
  }
  at::Tensor pictures = at::empty({static_cast<std::int64_t>(count), 3, kSide, kSide}, at::kByte);  // [N, 3, 32, 32]
  std::vector<std::int64_t> labels;
  auto* out = pictures.data_ptr<std::uint8_t>();
  for (std::size_t f = 0; f < files.size(); ++f) {
    for (std::size_t place = 0; place < files[f].size(); place += record) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(files[f].data() + place);
      const std::int64_t label = bytes[cifar.label_bytes - 1];
      if (label >= static_cast<std::int64_t>(cifar.classes.size())) {
        return fail(ErrorCode::input, "{} is damaged: picture {} has the label {}, but {} has {} classes", (folder / names[f]).string(),
                    place / record, label, cifar.name, cifar.classes.size());
      }
      labels.push_back(label);
      out = std::copy_n(bytes + cifar.label_bytes, kPixels, out);
    }
  }
  if (img_size != 0 && img_size != kSide) pictures = fit_all(pictures, img_size);
  const std::int64_t size = pictures.size(2);
  return std::make_shared<const Split>(make_memory_source(std::move(pictures)), std::move(labels), cifar.classes, 3, size);
}

Expected<Dataset> load_cifar(const Cifar& cifar, const DataRecipe& recipe, std::int64_t img_size, StopToken stop) {
  const fs::path folder = binary_folder(cifar, recipe.path);
  if (!folder.empty()) {
    auto train = read_binary(cifar, folder, cifar.train_files, img_size);
    if (!train) return pass_on(train);
    auto test = read_binary(cifar, folder, {cifar.test_file}, img_size);
    if (!test) return pass_on(test);
    Dataset dataset{*train, *test};
    if ((*train)->img_size() != kSide) dataset.notes.push_back(fmt::format("the pictures of {} are resized from 32 x 32 to {} x {}", cifar.name, img_size, img_size));
    return dataset;
  }
  std::error_code ignored;
  if (!fs::exists(fs::path(recipe.path) / "train", ignored) && !fs::exists(fs::path(recipe.path) / "test", ignored)) {
    return fail(ErrorCode::input, "{} has neither the binary files of {} ({}, …) nor the folders train/ and test/", recipe.path, cifar.name,
                cifar.train_files.front());
  }
  const auto classes = class_folders(recipe.path);
  if (!classes.empty() && classes.size() != cifar.classes.size()) {
    return fail(ErrorCode::mismatch, "{} has {} classes, but {}/train has {} class folders: set data.name=folder for other pictures", cifar.name,
                cifar.classes.size(), recipe.path, classes.size());
  }
  const AugmentationEntry* augmentation = augmentations().find(recipe.augmentation);
  return load_folder(recipe.path, {.img_size = img_size == 0 ? kSide : img_size, .keep_originals = augmentation && augmentation->from_original}, stop);
}

bool can_read(const Cifar& cifar, const fs::path& path) {
  return !binary_folder(cifar, path).empty() || (has_picture_folders(path) && class_folders(path).size() == cifar.classes.size());
}

DatasetEntry entry(const Cifar& cifar, const char* label) {
  return {{cifar.name, label, "Krizhevsky 2009",
           fmt::format("{} classes of 32 x 32 photographs, 50,000 to train and 10,000 to test; reads the published binary files, or train/ and test/ with a folder per class.", cifar.classes.size())},
          true, [&cifar](const fs::path& path) { return can_read(cifar, path); },
          [&cifar](const DataRecipe& recipe, std::int64_t img_size, StopToken stop) { return load_cifar(cifar, recipe, img_size, stop); }};
}

const bool registered_10 = datasets().add(entry(cifar10(), "CIFAR-10"));
const bool registered_100 = datasets().add(entry(cifar100(), "CIFAR-100"));

}  // namespace
}  // namespace mimir
