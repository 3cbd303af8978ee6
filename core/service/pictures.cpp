#include "core/service/pictures.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/attacks/losses.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/data/picture.h"
#include "core/store/files.h"
#include "core/tensor/arrays.h"

namespace mimir {
namespace {

/// Smaller models compute on one thread: beside a training, threads that wait for one another take ten times as long.
constexpr std::int64_t kParametersOfManyThreads = 20'000'000;

Parameter parameter(std::string key, Value fallback, std::string help) {
  Parameter result;
  result.key = std::move(key);
  result.type = ParameterType::text;
  result.fallback = std::move(fallback);
  result.help = std::move(help);
  return result;
}

/// Whether a PNG carries transparency: in its pixels, or one colour of them.
bool has_alpha(std::span<const std::byte> bytes) {
  constexpr std::size_t kColourType = 25;  // of the first chunk, IHDR
  constexpr std::string_view kPng = "\x89PNG", kTransparency = "tRNS";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (bytes.size() <= kColourType || !text.starts_with(kPng)) return false;
  return (text[kColourType] & 4) != 0 || text.substr(0, text.find("IDAT")).find(kTransparency) != std::string_view::npos;
}

/// [C, H, W] as the model takes it: [C, S, S] fp32. What was done to it goes to `notes`.
at::Tensor fitted(const at::Tensor& picture, std::int64_t size, const std::string& name, std::vector<std::string>& notes) {
  if (picture.size(1) != size || picture.size(2) != size) {
    notes.push_back(fmt::format("{} is {} x {}: its centred square was resized to {} x {}", name, picture.size(2), picture.size(1), size, size));
  }
  const at::Tensor square = fit_square(picture, size);
  return square.scalar_type() == at::kByte ? square.to(at::kFloat) / 255.0f : square.to(at::kFloat);
}

Expected<Pictures> from_file(const std::filesystem::path& file, const Subject& subject, c10::Device device) {
  Pictures pictures;
  auto bytes = read_file(file);
  if (!bytes) return pass_on(bytes);
  auto decoded = decode_picture(*bytes);
  const std::string name = file.filename().string();
  if (!decoded) return fail(decoded.error().code, "the picture {} cannot be used: {}", file.string(), decoded.error().message);
  if (has_alpha(*bytes)) pictures.notes.push_back(fmt::format("{} is partly transparent: it was laid over black", name));
  if ((*decoded)[0].equal((*decoded)[1]) && (*decoded)[0].equal((*decoded)[2])) {
    pictures.notes.push_back(fmt::format("{} is grey: the same values stand in all three channels", name));
  }
  pictures.images = fitted(*decoded, subject.img_size, name, pictures.notes).unsqueeze(0).to(device);
  pictures.classes = subject.classes;
  pictures.index = {-1};
  pictures.label = {-1};
  std::error_code ignored;
  pictures.image_option = std::filesystem::absolute(file, ignored).string();
  return pictures;
}

Expected<Pictures> from_array(const Array& array, const Subject& subject, c10::Device device) {
  const auto& shape = array.shape;
  const bool one = shape.size() == 3;
  const auto side = [&](std::size_t i) { return shape[i + (one ? 0 : 1)]; };
  if ((!one && shape.size() != 4) || (array.dtype != Dtype::u8 && array.dtype != Dtype::f32) || side(0) != 3 || side(1) < 1 || side(2) < 1 ||
      array.elements() == 0) {
    return fail(ErrorCode::input, "the tensor `image` must be [3, H, W] or [N, 3, H, W], uint8 or fp32 in [0,1]");
  }
  at::Tensor images = to_tensor(array);
  if (one) images = images.unsqueeze(0);
  if (images.is_floating_point() && !(images.min().item<float>() >= 0 && images.max().item<float>() <= 1)) {
    return fail(ErrorCode::input, "the tensor `image` must be in [0,1]");
  }
  Pictures pictures;
  pictures.said_by_options = false;
  pictures.classes = subject.classes;
  std::vector<at::Tensor> rows;
  for (const at::Tensor& image : images.unbind(0)) {
    std::vector<std::string> notes;
    rows.push_back(fitted(image, subject.img_size, "the picture", notes));
    if (rows.size() == 1) pictures.notes = notes;
    pictures.index.push_back(-1);
    pictures.label.push_back(-1);
  }
  pictures.images = at::stack(rows).to(device);
  return pictures;
}

std::string words(const std::vector<std::int64_t>& ids) {
  std::vector<std::string> parts;
  for (const std::int64_t id : ids) parts.push_back(std::to_string(id));
  return join(parts, ",");
}

}  // namespace

std::vector<std::int64_t> Pictures::ids() const {
  if (!own()) return index;
  std::vector<std::int64_t> places(index.size());
  std::iota(places.begin(), places.end(), std::int64_t{0});
  return places;
}

at::Tensor Pictures::labels_or(const at::Tensor& prediction) const {
  at::Tensor labels = prediction.clone();
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] >= 0) labels[static_cast<std::int64_t>(i)] = label[i];
  }
  return labels;
}

std::vector<Parameter> model_parameters(std::string image_fallback, std::string image_help) {
  std::vector<Parameter> list = {
      parameter("run", "", "A run, a checkpoint, or a file of weights."),
      parameter("model", "", "Architecture of a weights file: vit,embed_dim=64,depth=4,…, mae_vit,… or linear."),
      parameter("data", "", "Folder or file of a data set, or demo; what the model was trained on if not given."),
      parameter("split", "test", "Which part of the data set."),
      parameter("image", std::move(image_fallback), std::move(image_help)),
      parameter("seed", 0LL, "Of everything drawn at random."),
  };
  list[3].type = ParameterType::choice;
  list[3].choices = {"test", "train"};
  list[5].type = ParameterType::integer;
  list[5].minimum = 0;
  return list;
}

Expected<std::shared_ptr<const Subject>> find_subject(Warm& warm, const Settings& settings, Want want) {
  auto subject = warm.subject(settings.text("run"), settings.text("model"), want);
  if (subject) at::set_num_threads((*subject)->parameters < kParametersOfManyThreads ? 1 : warm.compute().threads);
  return subject;
}

Expected<std::shared_ptr<const Subject>> find_classifier(Warm& warm, const Settings& settings) {
  auto subject = find_subject(warm, settings, Want::newest_stage);
  if (subject && !(*subject)->classifier) {
    return fail(ErrorCode::mismatch, "{} holds a masked autoencoder, which classifies nothing: take a fine-tuned checkpoint", (*subject)->said());
  }
  return subject;
}

Expected<ChosenSplit> find_split(Warm& warm, const Subject& subject, const Settings& settings, StopToken stop) {
  ChosenSplit chosen;
  const std::string text = settings.text("data");
  if (text.empty() && !subject.recipe_known) {
    return fail(ErrorCode::usage, "{} does not say what it was trained on: give --data, or a picture by --image FILE", subject.said());
  }
  chosen.data = subject.recipe.data;
  chosen.data.train_images = chosen.data.test_images = 0;  // an image has one id, whatever a recipe takes
  chosen.data.augmentation = "none";
  if (const DatasetEntry* named = datasets().find(text); named && !named->takes_path) {
    chosen.data.name = text;
    chosen.data.path.clear();
  } else if (!text.empty()) {
    chosen.data.path = text;
    chosen.data.name = dataset_for_path(chosen.data.name, text);
  }
  auto dataset = warm.dataset(chosen.data, subject.img_size, stop);
  if (!dataset) return pass_on(dataset);
  chosen.split = settings.text("split") == "train" ? (*dataset)->train : (*dataset)->test;
  const auto classes = static_cast<std::int64_t>(chosen.split->classes().size());
  if (subject.classifier && classes > subject.classifier->num_classes()) {
    return fail(ErrorCode::mismatch, "the data set has {} classes, {} only {}", classes, subject.said(), subject.classifier->num_classes());
  }
  return chosen;
}

std::optional<std::vector<std::int64_t>> parse_ids(const std::string& text) {
  std::vector<std::int64_t> ids;
  for (const std::string& part : split(text, ',')) {
    const auto number = parse_integer(trim(part));
    if (!number) return std::nullopt;
    ids.push_back(*number);
  }
  return ids;
}

Expected<Pictures> pictures_of(const ChosenSplit& chosen, const std::string& split, std::vector<std::int64_t> ids, c10::Device device) {
  for (const std::int64_t id : ids) {
    if (id < 0 || id >= chosen.split->size()) {
      return fail(ErrorCode::input, "there is no image {}: the {} set of {} has {}", id, split, chosen.data.name, chosen.split->size());
    }
  }
  Pictures pictures;
  pictures.images = chosen.split->fetch_float(ids).to(device);
  for (const std::int64_t id : ids) pictures.label.push_back(chosen.split->label(id));
  pictures.image_option = words(ids);
  pictures.index = std::move(ids);
  pictures.classes = chosen.split->classes();
  pictures.split = split;
  pictures.data = chosen.data;
  pictures.split_size = chosen.split->size();
  return pictures;
}

Expected<Pictures> find_pictures(Warm& warm, const Subject& subject, const Settings& settings, const NamedArrays& arrays, StopToken stop) {
  if (const auto array = arrays.find("image"); array != arrays.end()) return from_array(array->second, subject, warm.compute().device);
  const std::string image = settings.text("image");
  const auto ids = parse_ids(image);
  if (!ids) return from_file(image, subject, warm.compute().device);
  auto chosen = find_split(warm, subject, settings, stop);
  if (!chosen) return pass_on(chosen);
  return pictures_of(*chosen, settings.text("split"), *ids, warm.compute().device);
}

Expected<std::int64_t> parse_class(const std::string& text, const std::vector<std::string>& classes, std::int64_t count) {
  const auto named = std::find(classes.begin(), classes.end(), text);
  if (named != classes.end()) return named - classes.begin();
  const auto number = parse_integer(text);
  if (number && *number >= 0 && *number < count) return *number;
  const auto nearest = nearest_name(text, classes);
  return fail(ErrorCode::usage, "there is no class \"{}\"; {}", text,
              nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("classes are 0 to {}", count - 1));
}

nlohmann::json number_or_null(double value) { return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr); }

nlohmann::json answer_json(const at::Tensor& logits, std::int64_t label) {
  const at::Tensor row = logits.to(at::kCPU, at::kDouble);
  const std::int64_t prediction = row.argmax(0).item<std::int64_t>();
  nlohmann::json json = {{"prediction", prediction}, {"probability", number_or_null(row.softmax(0)[prediction].item<double>())}, {"margin", nullptr}};
  if (label >= 0) json["margin"] = number_or_null(margin(row.unsqueeze(0), at::full({1}, label, at::kLong)).item<double>());
  return json;
}

nlohmann::json common_result(const std::string& kind, const Subject& subject, const Pictures& pictures, const Settings& settings,
                             const Warm& warm, const at::Tensor& logits) {
  nlohmann::json result = {{"seed", settings.integer("seed")}, {"notes", pictures.notes}, {"data", nullptr}, {"command", nullptr}};
  result["versions"] = {{"mimir", version()}, {"git", git_revision()}, {"torch", TORCH_VERSION}};
  result["checkpoint"] = {{"path", subject.path.string()},
                          {"stage", subject.stage},
                          {"step", subject.step},
                          {"epoch", subject.epoch},
                          {"model", subject.model},
                          {"classes", subject.classes},
                          {"run", subject.run ? nlohmann::json(subject.run->id()) : nlohmann::json(nullptr)},
                          {"parameters", subject.parameters},
                          {"img_size", subject.img_size},
                          {"patch_size", subject.patch_size},
                          {"norm_pix_loss", subject.autoencoder && (!subject.recipe.pretrain || subject.recipe.pretrain->norm_pix_loss)}};
  if (!pictures.own()) {
    result["data"] = {{"name", pictures.data.name}, {"path", pictures.data.path}, {"split", pictures.split}, {"classes", pictures.classes},
                      {"size", pictures.split_size}};
  }
  if (pictures.said_by_options) {
    const std::vector<std::string> rest = {"run", "image", "seed", "data"};
    std::string command = fmt::format("mimir {} {}", kind, shell_word(subject.path.string()));
    if (settings.given("data")) {
      std::error_code ignored;
      const std::string data = settings.text("data");
      command += " --data " + shell_word(std::filesystem::exists(data, ignored) ? std::filesystem::absolute(data, ignored).string() : data);
    }
    command += " --image " + shell_word(pictures.image_option) + settings.command_options(rest);
    result["command"] = fmt::format("{} --seed {} --device {} --threads {}", command, settings.integer("seed"), warm.compute().device.str(),
                                    warm.compute().threads);
  }
  nlohmann::json images = nlohmann::json::array();
  for (std::size_t i = 0; i < pictures.index.size(); ++i) {
    const auto known = [](std::int64_t value) { return value >= 0 ? nlohmann::json(value) : nlohmann::json(nullptr); };
    nlohmann::json image = {{"index", known(pictures.index[i])}, {"label", known(pictures.label[i])},
                            {"prediction", nullptr}, {"probability", nullptr}, {"margin", nullptr}};
    if (logits.defined()) image.update(answer_json(logits[static_cast<std::int64_t>(i)], pictures.label[i]));
    images.push_back(std::move(image));
  }
  result["images"] = std::move(images);
  return result;
}

}  // namespace mimir
