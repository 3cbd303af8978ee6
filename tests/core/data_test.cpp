// torch before Qt: its headers use names that Qt's keywords would take.
#include <torch/torch.h>

#include <cstdio>
// After cstdio, which jpeglib.h needs.
#include <jpeglib.h>
#include <png.h>

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/data/folder.h"
#include "core/data/parallel.h"
#include "core/data/picture.h"
#include "core/data/subset.h"
#include "core/store/files.h"
#include "core/store/safetensors.h"
#include "core/tensor/arrays.h"

using namespace mimir;
namespace fs = std::filesystem;

namespace {

using Ids = std::vector<std::int64_t>;

/// A smooth picture with noise, uint8 [3, height, width].
at::Tensor some_picture(std::int64_t height, std::int64_t width, std::uint64_t seed) {
  const at::Tensor noise = draw_uniform(PhiloxDraws(seed), {Purpose::probe}, Ids{0}, {3, height, width})[0];
  return (noise * 60 + at::linspace(20, 190, width)).to(at::kByte).contiguous();
}

void write_bytes(const fs::path& path, const std::vector<std::byte>& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// format: a PNG_FORMAT of one byte a channel; rows: [height, width, channels] uint8.
std::vector<std::byte> png_bytes(const at::Tensor& rows, png_uint_32 format) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(rows.size(1));
  image.height = static_cast<png_uint_32>(rows.size(0));
  image.format = format;
  const at::Tensor flat = rows.contiguous();
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&image, nullptr, &size, 0, flat.data_ptr(), 0, nullptr);
  std::vector<std::byte> bytes(size);
  png_image_write_to_memory(&image, bytes.data(), &size, 0, flat.data_ptr(), 0, nullptr);
  bytes.resize(size);
  return bytes;
}

std::vector<std::byte> png_of(const at::Tensor& picture) { return png_bytes(picture.permute({1, 2, 0}), PNG_FORMAT_RGB); }

std::vector<std::byte> jpeg_of(const at::Tensor& picture, J_COLOR_SPACE space = JCS_RGB) {
  const at::Tensor rows = picture.permute({1, 2, 0}).contiguous();  // [H, W, C]
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &out, &size);
  info.image_width = static_cast<JDIMENSION>(rows.size(1));
  info.image_height = static_cast<JDIMENSION>(rows.size(0));
  info.input_components = static_cast<int>(rows.size(2));
  info.in_color_space = space;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = rows.data_ptr<std::uint8_t>() + static_cast<std::int64_t>(info.next_scanline) * rows.stride(0);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* begin = reinterpret_cast<const std::byte*>(out);
  std::vector<std::byte> bytes(begin, begin + size);
  std::free(out);
  return bytes;
}

/// train/ and test/ with the classes cat and dog, two pictures each: a.jpg and b.png, `side` pixels.
class Folder {
 public:
  explicit Folder(std::int64_t side = 8) {
    std::uint64_t seed = 1;
    for (const char* part : {"train", "test"}) {
      for (const char* name : {"dog", "cat"}) {
        write_bytes(path() / part / name / "b.png", png_of(some_picture(side, side, seed++)));
        write_bytes(path() / part / name / "a.jpg", jpeg_of(some_picture(side, side, seed++)));
      }
    }
  }
  fs::path path() const { return directory_.path().toStdString(); }
  Expected<Dataset> load(std::int64_t img_size = 8, const std::string& name = "folder") const {
    DataRecipe recipe;
    recipe.name = name;
    recipe.path = path().string();
    return load_dataset(recipe, img_size);
  }

 private:
  QTemporaryDir directory_;
};

DataRecipe recipe_of(const std::string& name, const fs::path& path = {}) {
  DataRecipe recipe;
  recipe.name = name;
  recipe.path = path.string();
  return recipe;
}

/// Empty if the load failed with this code and all words stand in its sentence; else what is wrong.
template <typename T>
std::string refused(const Expected<T>& result, ErrorCode code, std::initializer_list<std::string> words) {
  if (result) return "it was not refused";
  if (result.error().code != code) return std::string("the code is ") + error_code_name(result.error().code) + ": " + result.error().message;
  for (const std::string& word : words) {
    if (result.error().message.find(word) == std::string::npos) return "no \"" + word + "\" in: " + result.error().message;
  }
  return {};
}
#define VERIFY_REFUSED(...) \
  do { const std::string complaint = refused(__VA_ARGS__); QVERIFY2(complaint.empty(), complaint.c_str()); } while (false)

std::shared_ptr<const Split> memory_split(const at::Tensor& pictures, std::int64_t classes = 10) {
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < pictures.size(0); ++i) labels.push_back(i % classes);
  return std::make_shared<const Split>(make_memory_source(pictures), labels, std::vector<std::string>(static_cast<std::size_t>(classes), "x"),
                                       pictures.size(1), pictures.size(2));
}

at::Tensor some_pictures(std::int64_t count, std::int64_t side) {
  std::vector<at::Tensor> pictures;
  for (std::int64_t i = 0; i < count; ++i) pictures.push_back(some_picture(side, side, static_cast<std::uint64_t>(i)));
  return at::stack(pictures);  // [N, 3, S, S]
}

Safetensors tensors_file(const at::Tensor& images, const at::Tensor& labels, const std::string& prefix = "") {
  Safetensors file;
  file.arrays[prefix + "images"] = to_array(images);
  file.arrays[prefix + "labels"] = to_array(labels);
  return file;
}

}  // namespace

class DataTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void RegistriesListWhatARecipeMayName();
  void TrainBatchDependsOnSeedStepAndIdsAlone_data();
  void TrainBatchDependsOnSeedStepAndIdsAlone();
  void CropFlipEqualsAPlainLoop();
  void BytesBecomeFloatsAsLibtorchDividesThem();
  void FetchFloatKeepsFp32Exactly();
  void ResizedCropShowsAPieceOfTheOriginal();
  void PartsKeepTheIdsOfTheWhole();
  void HeldOutPicturesCannotBeTrainedOn();
  void HoldingOutIsBalancedAndFollowsTheSeed();
  void LimitsAreBalancedOverTheClasses();
  void PngsDecodeToTheirPixels();
  void JpegsDecodeNearTheirPixels();
  void GreyAlphaAndSixteenBitsBecomeRgb();
  void DamagedPicturesAreErrors();
  void HugePicturesAreRefusedBeforeTheyAreAllocated();
  void PicturesOfAnotherSizeAreCutAndResized();
  void FoldersAreReadInTheOrderOfTheirNames();
  void FoldersBeyondTheMemoryGiveTheSamePictures();
  void FolderFailuresNameTheirCause();
  void CifarBinariesAreRead();
  void CifarFailuresNameTheFile();
  void SafetensorsFilesAreDataSets();
  void SafetensorsFailuresNameTheArray();
  void APathNeverHasNoEffect();
  void APathChoosesTheDataSetThatCanReadIt();
  void DemoIsAlwaysTheSameAndBalanced();
  void LoadingCanBeStopped();
  void ParallelWorkReportsTheFirstFailure();
};

void DataTest::RegistriesListWhatARecipeMayName() {
  QCOMPARE(datasets().ids(), (std::vector<std::string>{"cifar10", "cifar100", "demo", "folder", "safetensors"}));
  QCOMPARE(augmentations().ids(), (std::vector<std::string>{"crop-flip", "flip", "none", "random-resized-crop"}));
  for (const auto& [id, entry] : datasets()) QVERIFY2(!entry.info.label.empty() && !entry.info.help.empty(), id.c_str());
  for (const auto& [id, entry] : augmentations()) QVERIFY2(!entry.info.label.empty() && !entry.info.help.empty(), id.c_str());
  VERIFY_REFUSED(load_dataset(recipe_of("cifar01"), 32), ErrorCode::usage, {"cifar10"});
}

void DataTest::TrainBatchDependsOnSeedStepAndIdsAlone_data() {
  QTest::addColumn<QString>("name");
  for (const auto& [id, entry] : augmentations()) QTest::newRow(id.c_str()) << QString::fromStdString(id);
}

void DataTest::TrainBatchDependsOnSeedStepAndIdsAlone() {
  QFETCH(QString, name);
  const AugmentationEntry& augmentation = *augmentations().find(name.toStdString());
  const auto split = memory_split(some_pictures(24, 16));
  const PhiloxDraws draws(7);
  const Ids ids{5, 3, 23, 0, 11, 8, 7, 19};
  const at::Tensor whole = split->train_batch(ids, augmentation, draws, 42);  // [8, 3, 16, 16]
  QVERIFY(whole.ge(0).logical_and(whole.le(1)).all().item<bool>());

  for (const std::size_t threads : {1, 2, 3, 8}) {
    std::vector<at::Tensor> parts(threads);
    std::vector<std::thread> running;
    for (std::size_t t = 0; t < threads; ++t) {
      running.emplace_back([&, t] {
        const std::size_t begin = ids.size() * t / threads, end = ids.size() * (t + 1) / threads;
        parts[t] = split->train_batch(std::span(ids).subspan(begin, end - begin), augmentation, PhiloxDraws(7), 42);
      });
    }
    for (std::thread& thread : running) thread.join();
    QVERIFY(at::equal(at::cat(parts), whole));
  }
  if (augmentation.draws_per_image == 0) return;
  QVERIFY(!at::equal(split->train_batch(ids, augmentation, draws, 43), whole));
  QVERIFY(!at::equal(split->train_batch(ids, augmentation, PhiloxDraws(8), 42), whole));
}

void DataTest::CropFlipEqualsAPlainLoop() {
  const AugmentationEntry& augmentation = *augmentations().find("crop-flip");
  for (const bool floating : {false, true}) {
    const at::Tensor bytes = some_pictures(64, 32);
    const at::Tensor pictures = floating ? bytes.to(at::kFloat) / 255 : bytes;
    const auto split = memory_split(pictures);
    const PhiloxDraws draws(3);
    const at::Tensor batch = split->train_batch(split->ids(), augmentation, draws, 9);
    const at::Tensor numbers = draw_uniform(draws, {Purpose::augmentation, 9}, split->ids(), {3});
    std::int64_t flips = 0;
    for (std::int64_t i = 0; i < 64; ++i) {
      const auto u = numbers[i];
      const bool mirrored = u[0].item<float>() < 0.5f;
      const auto top = static_cast<std::int64_t>(u[1].item<float>() * 9), left = static_cast<std::int64_t>(u[2].item<float>() * 9);
      at::Tensor expected = at::constant_pad_nd(bytes[i].to(at::kFloat) / 255, {4, 4, 4, 4}).narrow(1, top, 32).narrow(2, left, 32);
      if (mirrored) expected = expected.flip(2);
      QVERIFY(at::equal(batch[i], expected));
      flips += mirrored;
    }
    QVERIFY(flips > 16 && flips < 48);
  }
}

void DataTest::BytesBecomeFloatsAsLibtorchDividesThem() {
  const at::Tensor all = at::arange(768, at::kLong).remainder(256).to(at::kByte).reshape({1, 3, 16, 16});
  const auto split = memory_split(all);
  QVERIFY(at::equal(split->fetch_float(split->ids()), all.to(at::kFloat) / 255));
  QVERIFY(at::equal(split->train_batch(split->ids(), *augmentations().find("none"), PhiloxDraws(0), 0), all.to(at::kFloat) / 255));
  QVERIFY(at::equal(split->fetch(split->ids()), all));
}

void DataTest::FetchFloatKeepsFp32Exactly() {
  const at::Tensor images = draw_uniform(PhiloxDraws(1), {Purpose::probe}, Ids{0, 1, 2, 3}, {3, 8, 8});
  const auto split = memory_split(images);
  const Ids ids{2, 0};
  QVERIFY(at::equal(split->fetch_float(ids), images.index_select(0, at::tensor({2, 0}))));
  QVERIFY(at::equal(split->fetch(ids), (images.index_select(0, at::tensor({2, 0})) * 255).round().to(at::kByte)));
}

void DataTest::ResizedCropShowsAPieceOfTheOriginal() {
  // A picture whose value is its column: every piece is a slope between two columns.
  const at::Tensor slope = at::arange(200, at::kFloat).expand({3, 100, 200}).to(at::kByte).contiguous();
  const auto source = make_originals_source({slope}, 32);
  const Split split(source, {0}, {"slope"}, 3, 32);
  const AugmentationEntry& augmentation = *augmentations().find("random-resized-crop");
  std::vector<float> widths;
  for (std::uint32_t step = 0; step < 200; ++step) {
    const at::Tensor row = split.train_batch(split.ids(), augmentation, PhiloxDraws(5), step)[0][0][16] * 255;  // [32]
    widths.push_back(std::abs(row[31].item<float>() - row[0].item<float>()) * 32 / 31);
  }
  const auto [low, high] = std::minmax_element(widths.begin(), widths.end());
  QVERIFY2(*low > std::sqrt(0.2 * 20000 * 0.75) - 3 && *low < 75, std::to_string(*low).c_str());
  QVERIFY2(*high < std::sqrt(20000 / 0.75) + 3 && *high > 110, std::to_string(*high).c_str());
}

void DataTest::PartsKeepTheIdsOfTheWhole() {
  const auto split = memory_split(some_pictures(20, 8));
  const auto part = split->part({3, 7, 12});
  QCOMPARE(part->size(), 3);
  QCOMPARE(Ids(part->ids().begin(), part->ids().end()), (Ids{3, 7, 12}));
  const AugmentationEntry& augmentation = *augmentations().find("crop-flip");
  QVERIFY(at::equal(part->fetch(part->ids()), split->fetch(part->ids())));
  QVERIFY(at::equal(part->train_batch(part->ids(), augmentation, PhiloxDraws(1), 5), split->train_batch(part->ids(), augmentation, PhiloxDraws(1), 5)));
  QVERIFY(at::equal(part->labels(part->ids()), at::tensor({3, 7, 2}, at::kLong)));
}

void DataTest::HeldOutPicturesCannotBeTrainedOn() {
  const auto split = memory_split(some_pictures(40, 8));
  const HeldOut parts = hold_out(*split, 10, PhiloxDraws(1));
  QCOMPARE(parts.held->size(), 10);
  QCOMPARE(parts.rest->size(), 30);
  for (const std::int64_t id : parts.held->ids()) {
    QVERIFY_EXCEPTION_THROWN(parts.rest->fetch(Ids{id}), c10::Error);
    QVERIFY_EXCEPTION_THROWN(parts.rest->train_batch(Ids{id}, *augmentations().find("none"), PhiloxDraws(1), 0), c10::Error);
  }
  QVERIFY_EXCEPTION_THROWN(split->fetch(Ids{40}), c10::Error);
  QVERIFY_EXCEPTION_THROWN(split->fetch(Ids{-1}), c10::Error);
}

void DataTest::HoldingOutIsBalancedAndFollowsTheSeed() {
  const auto split = memory_split(some_pictures(40, 8));
  const auto ids = [&](std::int64_t count, std::uint64_t seed) {
    const auto held = hold_out(*split, count, PhiloxDraws(seed)).held;
    return Ids(held->ids().begin(), held->ids().end());
  };
  std::vector<int> counts(10);
  for (const std::int64_t id : ids(10, 1)) ++counts[static_cast<std::size_t>(split->label(id))];
  QCOMPARE(counts, std::vector<int>(10, 1));
  QCOMPARE(ids(10, 1), ids(10, 1));
  QVERIFY(ids(10, 1) != ids(10, 2));
  QCOMPARE(ids(1000, 1).size(), std::size_t(20));  // at most half
  QVERIFY(ids(0, 1).empty());
}

void DataTest::LimitsAreBalancedOverTheClasses() {
  const Folder folder;
  DataRecipe recipe = recipe_of("folder", folder.path());
  recipe.train_images = 2;
  recipe.test_images = 3;
  const auto dataset = load_dataset(recipe, 8);
  QVERIFY(dataset);
  QVERIFY(at::equal(dataset->train->labels(dataset->train->ids()), at::tensor({0, 1}, at::kLong)));
  QVERIFY(at::equal(dataset->test->labels(dataset->test->ids()), at::tensor({0, 0, 1}, at::kLong)));
  recipe.train_images = 1000;
  QCOMPARE(load_dataset(recipe, 8)->train->size(), 4);
}

void DataTest::PngsDecodeToTheirPixels() {
  const at::Tensor picture = some_picture(5, 7, 1);
  const auto decoded = decode_picture(png_of(picture));
  QVERIFY(decoded);
  QVERIFY(at::equal(*decoded, picture));
}

void DataTest::JpegsDecodeNearTheirPixels() {
  const at::Tensor picture = at::linspace(20, 200, 24).expand({3, 16, 24}).to(at::kByte).contiguous();
  const auto decoded = decode_picture(jpeg_of(picture));
  QVERIFY(decoded);
  QCOMPARE(decoded->sizes().vec(), picture.sizes().vec());
  QVERIFY((decoded->to(at::kInt) - picture.to(at::kInt)).abs().max().item<int>() < 8);
}

void DataTest::GreyAlphaAndSixteenBitsBecomeRgb() {
  const at::Tensor grey = some_picture(6, 6, 1).narrow(0, 0, 1);  // [1, 6, 6]
  QVERIFY(at::equal(*decode_picture(png_bytes(grey.permute({1, 2, 0}), PNG_FORMAT_GRAY)), grey.expand({3, 6, 6})));
  const auto grey_jpeg = decode_picture(jpeg_of(grey, JCS_GRAYSCALE));
  QVERIFY(grey_jpeg);
  QVERIFY(at::equal((*grey_jpeg)[0], (*grey_jpeg)[2]));

  at::Tensor pixels = at::full({1, 3, 4}, 200, at::kByte);  // [H, W, RGBA]
  pixels[0][0][3] = 255;
  pixels[0][1][3] = 0;
  pixels[0][2][3] = 128;
  const auto on_black = decode_picture(png_bytes(pixels, PNG_FORMAT_RGBA));
  QVERIFY(on_black);
  QVERIFY(at::equal((*on_black)[1][0], at::tensor({200, 0, 100}, at::kByte)));

  // A CMYK file without Adobe's marker: full black ink is black whatever the colours.
  const auto cmyk = decode_picture(jpeg_of(at::tensor({0, 0, 0, 255}, at::kByte).reshape({4, 1, 1}).expand({4, 8, 8}), JCS_CMYK));
  QVERIFY(cmyk);
  QVERIFY(cmyk->max().item<int>() < 8);

  // Width and height 1, 16 bits, RGB 0x8000 0xffff 0x00ff; written by hand, for libpng's simple writer converts gamma.
  QTemporaryDir directory;
  const std::string path = directory.filePath(QStringLiteral("deep.png")).toStdString();
  std::FILE* file = std::fopen(path.c_str(), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, 1, 1, 16, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  const unsigned char row[] = {0x80, 0x00, 0xff, 0xff, 0x00, 0xff};
  png_write_row(png, row);
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
  const auto deep = decode_picture(*read_file(path));
  QVERIFY(deep);
  QVERIFY(at::equal(deep->flatten(), at::tensor({128, 255, 1}, at::kByte)));
}

void DataTest::DamagedPicturesAreErrors() {
  const auto jpeg = jpeg_of(some_picture(32, 32, 1));
  const auto png = png_of(some_picture(32, 32, 1));
  for (const auto& whole : {jpeg, png}) {
    QVERIFY(decode_picture(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {  // no end but the right one
      const auto decoded = decode_picture(std::span(whole).first(size));
      QVERIFY2(!decoded && decoded.error().code == ErrorCode::input && !decoded.error().message.empty(), std::to_string(size).c_str());
    }
  }
  auto flipped = png;
  flipped[flipped.size() / 2] ^= std::byte{0x10};
  QVERIFY(!decode_picture(flipped));
  VERIFY_REFUSED(decode_picture(std::vector<std::byte>(100)), ErrorCode::input, {"neither a JPEG nor a PNG"});
}

void DataTest::HugePicturesAreRefusedBeforeTheyAreAllocated() {
  auto jpeg = jpeg_of(some_picture(8, 8, 1));
  const std::byte start_of_frame[] = {std::byte{0xff}, std::byte{0xc0}};
  const auto frame = std::search(jpeg.begin(), jpeg.end(), std::begin(start_of_frame), std::end(start_of_frame));
  QVERIFY(frame != jpeg.end());
  for (int k = 5; k < 9; ++k) *(frame + k) = std::byte{0xf0};  // height and width 0xf0f0
  VERIFY_REFUSED(decode_picture(jpeg), ErrorCode::input, {"61680 x 61680", "100 million"});
}

void DataTest::PicturesOfAnotherSizeAreCutAndResized() {
  const at::Tensor wide = some_picture(20, 40, 1);
  QVERIFY(at::equal(fit_square(wide, 20), wide.narrow(2, 10, 20)));
  QVERIFY(at::equal(fit_test(wide.narrow(2, 0, 20), 20), wide.narrow(2, 0, 20)));
  const at::Tensor flat = at::full({3, 30, 50}, 77, at::kByte);
  QVERIFY(at::equal(fit_square(flat, 8), at::full({3, 8, 8}, 77, at::kByte)));

  // PIL's resize of a row of 8 to 4 pixels, bicubic with support 4: weights of the first output pixel, a = -0.5.
  const at::Tensor row = at::tensor({255, 0, 0, 0, 0, 0, 0, 0}, at::kByte).reshape({1, 1, 8}).expand({3, 8, 8});
  const auto cubic = [](double x) {
    x = std::abs(x);
    return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0.0;
  };
  double sum = 0;
  for (int k = 0; k < 5; ++k) sum += cubic((k + 0.5 - 1) / 2);
  const auto expected = static_cast<int>(std::lround(255 * cubic(-0.25) / sum));
  QCOMPARE(fit_square(row, 4)[0][0][0].item<int>(), expected);

  // ImageNet's rule: 512 x 256 is as tall as Resize(256) wants, so the 224 in the centre are its own pixels.
  const at::Tensor photograph = some_picture(256, 512, 2);
  QVERIFY(at::equal(fit_test(photograph, 224), photograph.narrow(1, 16, 224).narrow(2, 144, 224)));
}

void DataTest::FoldersAreReadInTheOrderOfTheirNames() {
  const Folder folder;
  write_bytes(folder.path() / "train" / "cat" / "notes.txt", {});
  write_bytes(folder.path() / "train" / "readme.txt", {});
  const auto dataset = folder.load();
  QVERIFY2(dataset, dataset ? "" : dataset.error().message.c_str());
  QCOMPARE(dataset->train->classes(), (std::vector<std::string>{"cat", "dog"}));
  QCOMPARE(dataset->train->size(), 4);
  QVERIFY(dataset->notes.empty());
  QVERIFY(at::equal(dataset->train->labels(dataset->train->ids()), at::tensor({0, 0, 1, 1}, at::kLong)));
  const at::Tensor pictures = dataset->train->fetch(dataset->train->ids());
  std::int64_t i = 0;
  for (const char* name : {"cat/a.jpg", "cat/b.png", "dog/a.jpg", "dog/b.png"}) {
    QVERIFY(at::equal(pictures[i++], *read_picture(folder.path() / "train" / name)));
  }
}

void DataTest::FoldersBeyondTheMemoryGiveTheSamePictures() {
  const Folder folder(12);
  for (const bool keep : {false, true}) {
    const auto kept = load_folder(folder.path(), {.img_size = 8, .keep_originals = keep});
    const auto late = load_folder(folder.path(), {.img_size = 8, .keep_originals = keep, .memory_budget = 0});
    QVERIFY(kept && late);
    QVERIFY(kept->notes.at(0).find("not 8 x 8") != std::string::npos);
    QVERIFY(late->notes.at(0).find("decoded when it is used") != std::string::npos);
    const Ids ids{0, 1, 2, 3};
    QVERIFY(at::equal(kept->train->fetch(ids), late->train->fetch(ids)));
    const AugmentationEntry& augmentation = *augmentations().find(keep ? "random-resized-crop" : "crop-flip");
    QVERIFY(at::equal(kept->train->train_batch(ids, augmentation, PhiloxDraws(1), 2), late->train->train_batch(ids, augmentation, PhiloxDraws(1), 2)));
    if (!keep) continue;
    fs::remove(folder.path() / "train" / "dog" / "a.jpg");
    QVERIFY_EXCEPTION_THROWN(late->train->fetch(ids), ErrorException);
  }
}

void DataTest::FolderFailuresNameTheirCause() {
  VERIFY_REFUSED(load_dataset(recipe_of("folder", "/nowhere/at/all"), 8), ErrorCode::input, {"/nowhere/at/all"});
  {
    const Folder folder;
    fs::remove_all(folder.path() / "test");
    VERIFY_REFUSED(folder.load(), ErrorCode::input, {"test/"});
  }
  {
    const Folder folder;
    fs::create_directories(folder.path() / "train" / "empty");
    VERIFY_REFUSED(folder.load(), ErrorCode::input, {"train/empty"});
  }
  {
    const Folder folder;
    fs::remove_all(folder.path() / "train");
    fs::create_directories(folder.path() / "train");
    VERIFY_REFUSED(folder.load(), ErrorCode::input, {"train", "class folders"});
  }
  {
    const Folder folder;
    fs::rename(folder.path() / "test" / "dog", folder.path() / "test" / "wolf");
    VERIFY_REFUSED(folder.load(), ErrorCode::mismatch, {"\"dog\"", "only in train"});
  }
  {
    const Folder folder;
    const fs::path file = folder.path() / "train" / "dog" / "a.jpg";
    fs::resize_file(file, fs::file_size(file) / 2);
    VERIFY_REFUSED(folder.load(), ErrorCode::input, {file.string()});
  }
  const Folder folder;
  VERIFY_REFUSED(folder.load(0), ErrorCode::usage, {"img_size"});
  VERIFY_REFUSED(folder.load(32, "cifar10"), ErrorCode::mismatch, {"2 class folders", "data.name=folder"});
}

namespace {
/// count records; the label of record i is (first + i) mod classes, every pixel is i.
void write_records(const fs::path& path, std::size_t count, std::size_t label_bytes, std::size_t first, std::size_t classes) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes.insert(bytes.end(), label_bytes, static_cast<std::byte>((first + i) % classes));
    bytes.insert(bytes.end(), 3072, static_cast<std::byte>(i));
    bytes.back() = std::byte{255};  // the last pixel of the blue channel
  }
  write_bytes(path, bytes);
}

void write_cifar10(const fs::path& folder) {
  for (int k = 1; k <= 5; ++k) write_records(folder / ("data_batch_" + std::to_string(k) + ".bin"), 3, 1, static_cast<std::size_t>(k), 10);
  write_records(folder / "test_batch.bin", 4, 1, 6, 10);
}
}  // namespace

void DataTest::CifarBinariesAreRead() {
  QTemporaryDir directory;
  const fs::path path = directory.path().toStdString();
  write_cifar10(path / "cifar-10-batches-bin");
  for (const fs::path& given : {path, path / "cifar-10-batches-bin"}) {
    const auto dataset = load_dataset(recipe_of("cifar10", given), 32);
    QVERIFY2(dataset, dataset ? "" : dataset.error().message.c_str());
    QCOMPARE(dataset->train->size(), 15);
    QCOMPARE(dataset->test->size(), 4);
    QCOMPARE(dataset->train->label(4), 3);
    QCOMPARE(dataset->train->classes().at(3), std::string("cat"));
    const at::Tensor picture = dataset->train->fetch(Ids{5})[0];
    QCOMPARE(picture[0][0][0].item<int>(), 2);
    QCOMPARE(picture[2][31][31].item<int>(), 255);
  }
  const auto larger = load_dataset(recipe_of("cifar10", path), 48);
  QCOMPARE(larger->train->fetch(Ids{5}).sizes().vec(), (std::vector<std::int64_t>{1, 3, 48, 48}));
  QCOMPARE(larger->notes.size(), std::size_t(1));

  write_records(path / "cifar-100-binary" / "train.bin", 100, 2, 0, 100);
  write_records(path / "cifar-100-binary" / "test.bin", 3, 2, 0, 100);
  const auto hundred = load_dataset(recipe_of("cifar100", path), 32);
  QVERIFY2(hundred, hundred ? "" : hundred.error().message.c_str());
  QCOMPARE(hundred->train->classes().size(), std::size_t(100));
  QVERIFY(std::is_sorted(hundred->train->classes().begin(), hundred->train->classes().end()));
  QCOMPARE(hundred->train->label(99), 99);
}

void DataTest::CifarFailuresNameTheFile() {
  QTemporaryDir directory;
  const fs::path path = directory.path().toStdString();
  VERIFY_REFUSED(load_dataset(recipe_of("cifar10", path), 32), ErrorCode::input, {path.string(), "data_batch_1.bin"});
  write_cifar10(path);
  fs::resize_file(path / "data_batch_4.bin", 5000);
  VERIFY_REFUSED(load_dataset(recipe_of("cifar10", path), 32), ErrorCode::input, {"data_batch_4.bin", "3073"});
  write_records(path / "data_batch_4.bin", 2, 1, 200, 256);
  VERIFY_REFUSED(load_dataset(recipe_of("cifar10", path), 32), ErrorCode::input, {"data_batch_4.bin", "label 200"});
  fs::remove(path / "data_batch_4.bin");
  VERIFY_REFUSED(load_dataset(recipe_of("cifar10", path), 32), ErrorCode::input, {"data_batch_4.bin"});
}

void DataTest::SafetensorsFilesAreDataSets() {
  QTemporaryDir directory;
  const fs::path path = directory.filePath(QStringLiteral("set.safetensors")).toStdString();
  const at::Tensor images = draw_uniform(PhiloxDraws(1), {Purpose::probe}, Ids{0, 1, 2, 3}, {3, 8, 8});
  const at::Tensor labels = at::tensor({2, 0, 4, 1}, at::kLong);
  QVERIFY(write_safetensors(path, tensors_file(images, labels)));
  for (const std::int64_t size : {0, 8}) {
    const auto dataset = load_dataset(recipe_of("safetensors", path), size);
    QVERIFY2(dataset, dataset ? "" : dataset.error().message.c_str());
    QVERIFY(at::equal(dataset->test->fetch_float(dataset->test->ids()), images));
    QVERIFY(at::equal(dataset->train->labels(dataset->train->ids()), labels));
    QCOMPARE(dataset->test->classes().size(), std::size_t(5));
    QCOMPARE(dataset->notes.size(), std::size_t(1));
  }
  Safetensors two = tensors_file(some_pictures(6, 8), at::tensor({0, 1, 2, 0, 1, 2}, at::kLong), "train.");
  two.arrays.merge(tensors_file(some_pictures(2, 8), at::tensor({3, 1}, at::kLong), "test.").arrays);
  QVERIFY(write_safetensors(path, two));
  const auto dataset = load_dataset(recipe_of("safetensors", path), 8);
  QVERIFY2(dataset, dataset ? "" : dataset.error().message.c_str());
  QCOMPARE(dataset->train->size(), 6);
  QCOMPARE(dataset->test->size(), 2);
  QCOMPARE(dataset->train->classes().size(), std::size_t(4));
  QVERIFY(at::equal(dataset->test->fetch(dataset->test->ids()), some_pictures(2, 8)));
}

void DataTest::SafetensorsFailuresNameTheArray() {
  QTemporaryDir directory;
  const fs::path path = directory.filePath(QStringLiteral("set.safetensors")).toStdString();
  const at::Tensor images = some_pictures(2, 8), labels = at::tensor({0, 1}, at::kLong);
  const auto load = [&](const at::Tensor& x, const at::Tensor& y, const std::string& prefix = "") {
    (void)write_safetensors(path, tensors_file(x, y, prefix));
    return load_dataset(recipe_of("safetensors", path), 8);
  };
  QVERIFY(load(images, labels));
  VERIFY_REFUSED(load(images, labels - 1), ErrorCode::input, {"labels", "label 0 is -1"});
  VERIFY_REFUSED(load(images, labels + (std::int64_t{1} << 40)), ErrorCode::input, {"labels"});
  VERIFY_REFUSED(load(images, labels.to(at::kFloat)), ErrorCode::input, {"int64"});
  VERIFY_REFUSED(load(images, at::tensor({0, 1, 2}, at::kLong)), ErrorCode::mismatch, {"3 labels for 2 pictures"});
  VERIFY_REFUSED(load(images.repeat({1, 2, 1, 1}), labels), ErrorCode::mismatch, {"channels", "[2, 6, 8, 8]"});
  VERIFY_REFUSED(load(some_pictures(2, 9), labels), ErrorCode::mismatch, {"9 x 9", "8 x 8"});
  VERIFY_REFUSED(load(images.to(at::kFloat), labels), ErrorCode::input, {"[0,1]"});
  VERIFY_REFUSED(load(at::full({2, 3, 8, 8}, NAN), labels), ErrorCode::input, {"[0,1]"});
  VERIFY_REFUSED(load(images[0], labels), ErrorCode::input, {"[N, C, H, W]"});
  VERIFY_REFUSED(load(images, labels, "train."), ErrorCode::input, {"test.images"});
  VERIFY_REFUSED(load(images, labels, "my."), ErrorCode::input, {"\"images\""});
  fs::resize_file(path, 100);
  VERIFY_REFUSED(load_dataset(recipe_of("safetensors", path), 8), ErrorCode::input, {path.string()});
}

void DataTest::APathNeverHasNoEffect() {
  VERIFY_REFUSED(load_dataset(recipe_of("demo", "/tmp"), 32), ErrorCode::usage, {"demo", "/tmp"});
  for (const auto& [id, entry] : datasets()) {
    if (entry.takes_path) VERIFY_REFUSED(load_dataset(recipe_of(id), 32), ErrorCode::usage, {"--set data=PATH"});
  }
}

void DataTest::APathChoosesTheDataSetThatCanReadIt() {
  const Folder folder;
  QCOMPARE(dataset_for_path("demo", folder.path()), std::string("folder"));
  QCOMPARE(dataset_for_path("folder", folder.path()), std::string("folder"));
  QCOMPARE(dataset_for_path("cifar10", folder.path()), std::string("folder"));  // two classes, not ten
  for (int k = 0; k < 8; ++k) fs::create_directories(folder.path() / "train" / std::to_string(k));
  QCOMPARE(dataset_for_path("cifar10", folder.path()), std::string("cifar10"));
  QCOMPARE(dataset_for_path("cifar100", folder.path()), std::string("folder"));

  QTemporaryDir directory;
  const fs::path path = directory.path().toStdString();
  QCOMPARE(dataset_for_path("demo", path), std::string("folder"));
  write_cifar10(path / "bin");
  QCOMPARE(dataset_for_path("cifar10", path / "bin"), std::string("cifar10"));
  QCOMPARE(dataset_for_path("demo", path / "bin"), std::string("cifar10"));
  QVERIFY(write_safetensors(path / "a.safetensors", {}));
  QCOMPARE(dataset_for_path("cifar10", path / "a.safetensors"), std::string("safetensors"));
  QCOMPARE(dataset_for_path("demo", path / "missing"), std::string("folder"));
}

void DataTest::DemoIsAlwaysTheSameAndBalanced() {
  const auto once = load_dataset(recipe_of("demo"), 32), again = load_dataset(recipe_of("demo"), 32);
  QVERIFY(once && again);
  QCOMPARE(once->train->size(), 5000);
  QCOMPARE(once->test->size(), 1000);
  QCOMPARE(once->train->classes().size(), std::size_t(10));
  const at::Tensor test = once->test->fetch(once->test->ids());
  QVERIFY(at::equal(test, again->test->fetch(again->test->ids())));
  QVERIFY(at::equal(once->train->labels(once->train->ids()).bincount(), at::full({10}, 500, at::kLong)));
  QVERIFY(at::equal(once->test->labels(once->test->ids()).bincount(), at::full({10}, 100, at::kLong)));
  QVERIFY(!at::equal(test, once->train->fetch(once->train->ids().first(1000))));
  // Neither black nor white nor flat.
  const at::Tensor spread = test.to(at::kFloat).flatten(1).std(1);
  QVERIFY(spread.min().item<float>() > 8);
  const float mean = test.to(at::kFloat).mean().item<float>();
  QVERIFY2(mean > 90 && mean < 180, std::to_string(mean).c_str());
}

void DataTest::LoadingCanBeStopped() {
  StopSource source;
  source.request(Stop::now);
  VERIFY_REFUSED(load_dataset(recipe_of("demo"), 32, StopToken(source)), ErrorCode::stopped, {});
}

void DataTest::ParallelWorkReportsTheFirstFailure() {
  for (int repeat = 0; repeat < 20; ++repeat) {
    const auto done = for_each_parallel(1000, [](std::int64_t i) -> Expected<void> {
      if (i % 100 == 37) return fail(ErrorCode::input, "item {}", i);
      return {};
    });
    VERIFY_REFUSED(done, ErrorCode::input, {"item 37"});
  }
  QVERIFY_EXCEPTION_THROWN((void)for_each_parallel(10, [](std::int64_t) -> Expected<void> { throw std::runtime_error("no"); }), std::runtime_error);
  QVERIFY(for_each_parallel(0, [](std::int64_t) -> Expected<void> { return {}; }));
}

QTEST_APPLESS_MAIN(DataTest)
#include "data_test.moc"
