#include "widgets/panels/attack_lab/attack_result.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "widgets/image/colour_map.h"

namespace mimir {
namespace {

constexpr double kAtBound = 1e-6;

/// Reads arrays of an answer; the first that is not as it must be is remembered.
class Reader {
 public:
  explicit Reader(const WorkerAnswer& answer) : answer_(&answer) {}

  /// fp32 of this shape, -1 for any size; empty after a failure.
  std::span<const float> floats(const char* name, const std::vector<std::int64_t>& shape) {
    const Array* array = find(name, Dtype::f32, shape);
    return array ? array->as<float>() : std::span<const float>();
  }
  std::span<const std::int64_t> integers(const char* name, const std::vector<std::int64_t>& shape) {
    const Array* array = find(name, Dtype::i64, shape);
    return array ? array->as<std::int64_t>() : std::span<const std::int64_t>();
  }
  bool has(const char* name) const { return answer_->arrays.contains(name); }
  std::int64_t size(const char* name, std::size_t dimension) {
    const auto found = answer_->arrays.find(name);
    if (found == answer_->arrays.end() || found->second.shape.size() <= dimension) {
      missing(name);
      return 0;
    }
    return found->second.shape[dimension];
  }
  void missing(const std::string& name) {
    if (problem_.empty()) problem_ = name;
  }
  bool good() const { return problem_.empty(); }
  tl::unexpected<Error> failure() const { return fail(ErrorCode::defect, "the worker's answer about the attack has no proper \"{}\"", problem_); }

 private:
  const Array* find(const char* name, Dtype dtype, const std::vector<std::int64_t>& shape) {
    const auto found = answer_->arrays.find(name);
    const bool fits = found != answer_->arrays.end() && found->second.dtype == dtype && found->second.shape.size() == shape.size() &&
                      std::equal(shape.begin(), shape.end(), found->second.shape.begin(), [](std::int64_t want, std::int64_t is) { return want < 0 || want == is; });
    if (fits) return &found->second;
    missing(name);
    return nullptr;
  }

  const WorkerAnswer* answer_;
  std::string problem_;
};

/// `all` cut into pieces of `size`.
std::vector<std::span<const float>> pieces(std::span<const float> all, std::size_t size) {
  std::vector<std::span<const float>> cut;
  for (std::size_t at = 0; size > 0 && at + size <= all.size(); at += size) cut.push_back(all.subspan(at, size));
  return cut;
}

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

}  // namespace

std::vector<float> softmax(std::span<const float> logits) {
  std::vector<float> shares(logits.begin(), logits.end());
  if (shares.empty()) return shares;
  const float top = *std::max_element(shares.begin(), shares.end());
  for (float& each : shares) each = std::exp(each - top);
  const float sum = std::accumulate(shares.begin(), shares.end(), 0.0F);
  for (float& each : shares) each /= sum;
  return shares;
}

std::optional<int> AttackPath::prediction(int step) const {
  const auto i = static_cast<std::size_t>(step);
  if (i < probabilities.size() && !probabilities[i].empty()) {
    return static_cast<int>(std::max_element(probabilities[i].begin(), probabilities[i].end()) - probabilities[i].begin());
  }
  return i < margin.size() && margin[i] <= 0 ? std::optional(label) : std::nullopt;
}

bool AttackPath::succeeded(int step) const {
  const std::optional<int> says = prediction(step);
  return target ? says == target : says != label;
}

std::optional<int> AttackPath::first_flip() const {
  for (int step = 0; step <= last(); ++step) {
    if (succeeded(step)) return step;
  }
  return std::nullopt;
}

Distance distance(const AttackPath& path, int step) {
  const auto image = path.iterates[static_cast<std::size_t>(step)];
  Distance far;
  std::size_t changed = 0, bound = 0;
  for (std::size_t i = 0; i < image.size(); ++i) {
    const double difference = std::abs(double(image[i]) - path.clean[i]);
    far.linf = std::max(far.linf, difference);
    far.l2 += difference * difference;
    changed += difference != 0;
    bound += path.linf && difference >= path.epsilon - kAtBound;
  }
  far.l2 = std::sqrt(far.l2);
  const double count = static_cast<double>(std::max<std::size_t>(image.size(), 1));
  far.changed = static_cast<double>(changed) / count;
  far.at_bound = static_cast<double>(bound) / count;
  return far;
}

QString AttackResult::class_name(int index) const {
  const auto i = static_cast<std::size_t>(index);
  return index >= 0 && i < classes.size() ? classes[i] : QCoreApplication::translate("AttackLab", "class %1").arg(index);
}

Expected<std::shared_ptr<const AttackResult>> read_attack(const Worker::Answer& answer) {
  Reader reader(*answer);
  auto result = std::make_shared<AttackResult>();
  result->answer = answer;
  const nlohmann::json& json = answer->result;
  const std::int64_t restarts = reader.size("path", 0), iterates = reader.size("path", 1), channels = reader.size("path", 3), side = reader.size("path", 4);
  const std::int64_t classes = reader.size("logits", 1);
  const auto pixels = static_cast<std::size_t>(channels * side * side);
  AttackPath path;
  path.owner = answer;
  path.channels = channels;
  path.side = side;
  path.clean = reader.floats("clean", {1, channels, side, side});
  const auto walks = pieces(reader.floats("path", {restarts, iterates, 1, channels, side, side}), pixels);
  const auto losses = pieces(reader.floats("path_loss", {restarts, iterates, 1}), static_cast<std::size_t>(iterates));
  const auto margins = pieces(reader.floats("path_margin", {restarts, iterates, 1}), static_cast<std::size_t>(iterates));
  const auto probabilities = pieces(reader.floats("path_probabilities", {restarts, iterates, 1, classes}), static_cast<std::size_t>(classes));
  const auto label = reader.integers("label", {1}), kept = reader.integers("restart", {1});
  const auto logits = reader.floats("logits", {1, classes});
  if (!json.contains("images") || !json["images"].is_array() || json["images"].empty()) reader.missing("images");
  if (!json.contains("attack") || !json["attack"].is_object()) reader.missing("attack");
  if (!reader.good() || restarts < 1 || iterates < 1 || (channels != 1 && channels != 3) || kept[0] < 0 || kept[0] >= restarts) {
    reader.missing("path");
    return reader.failure();
  }
  path.label = static_cast<int>(label[0]);
  const nlohmann::json& attack = json["attack"];
  path.epsilon = path.asked_epsilon = attack.value("epsilon", 0.0);
  path.linf = attack.value("norm", std::string("linf")) == "linf";
  if (const auto target = result->image().find("target"); target != result->image().end() && target->is_number_integer()) path.target = target->get<int>();
  for (std::int64_t r = 0; r < restarts; ++r) {
    AttackPath walk = path;
    const auto first = static_cast<std::size_t>(r * iterates);
    for (std::size_t i = first; i < first + static_cast<std::size_t>(iterates); ++i) {
      walk.iterates.push_back(walks[i]);
      walk.probabilities.push_back(copy(probabilities[i]));
    }
    walk.loss = copy(losses[static_cast<std::size_t>(r)]);
    walk.margin = copy(margins[static_cast<std::size_t>(r)]);
    result->restarts.push_back(std::move(walk));
  }
  result->best = static_cast<int>(kept[0]);
  result->clean_probabilities = softmax(logits);
  for (const std::string& name : class_names(json)) result->classes.push_back(QString::fromStdString(name));
  if (reader.has("branch_path")) {
    const std::int64_t branched = reader.size("branch_path", 0);
    path.iterates = pieces(reader.floats("branch_path", {branched, 1, channels, side, side}), pixels);
    path.loss = copy(reader.floats("branch_loss", {1, branched}));
    path.margin = copy(reader.floats("branch_margin", {1, branched}));
    path.probabilities.assign(path.iterates.size(), {});
    const auto end = reader.floats("branch_logits", {1, classes});
    if (!reader.good() || path.iterates.empty()) return reader.failure();
    path.probabilities.back() = softmax(end);
    result->branch = path;
    if (json.contains("branch") && json["branch"].is_object()) result->branch_step = json["branch"].value("step", 0);
    // The branch begins where the path is at that step, of which all is known.
    const AttackPath& trunk = result->restarts[static_cast<std::size_t>(result->best)];
    if (result->branch_step >= 0 && result->branch_step <= trunk.last()) result->branch->probabilities.front() = trunk.probabilities[static_cast<std::size_t>(result->branch_step)];
  }
  if (reader.has("transfer_logits")) {
    result->transfer_clean = softmax(reader.floats("transfer_logits", {1, -1}));
    result->transfer_adversarial = softmax(reader.floats("transfer_adversarial_logits", {1, -1}));
    if (!reader.good()) return reader.failure();
  }
  return std::shared_ptr<const AttackResult>(std::move(result));
}

Expected<AttackPath> read_radius(const Worker::Answer& part, const AttackPath& of, double asked_epsilon) {
  Reader reader(*part);
  AttackPath path = of;
  const std::int64_t iterates = reader.size("sweep_path", 0);
  path.iterates = pieces(reader.floats("sweep_path", {iterates, 1, of.channels, of.side, of.side}), static_cast<std::size_t>(of.channels * of.side * of.side));
  path.loss = copy(reader.floats("sweep_loss", {1, iterates}));
  path.margin = copy(reader.floats("sweep_margin", {1, iterates}));
  const auto logits = reader.floats("sweep_logits", {1, -1});
  const auto epsilon = part->result.find("epsilon");
  if (epsilon == part->result.end() || !epsilon->is_number()) reader.missing("epsilon");
  if (!reader.good() || path.iterates.empty()) {
    reader.missing("sweep_path");
    return reader.failure();
  }
  path.epsilon = epsilon->get<double>();
  path.asked_epsilon = asked_epsilon;
  path.probabilities.assign(path.iterates.size(), {});
  path.probabilities.back() = softmax(logits);
  // The clean picture lies in `of`'s arrays: both answers must live.
  struct Both {
    Worker::Answer part, of;
  };
  const auto both = std::make_shared<Both>(Both{part, of.owner});
  path.owner = Worker::Answer(both, part.get());
  return path;
}

QImage image_of(std::span<const float> values, std::int64_t channels, std::int64_t side) {
  QImage image(static_cast<int>(side), static_cast<int>(side), QImage::Format_RGB32);
  const auto plane = static_cast<std::size_t>(side * side);
  const std::size_t green = channels == 3 ? plane : 0, blue = channels == 3 ? 2 * plane : 0;
  const auto byte = [&](std::size_t i) { return static_cast<int>(std::lround(std::clamp(values[i], 0.0F, 1.0F) * 255)); };
  for (int y = 0; y < side; ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < side; ++x) {
      const auto i = static_cast<std::size_t>(y * side + x);
      line[x] = qRgb(byte(i), byte(green + i), byte(blue + i));
    }
  }
  return image;
}

QImage perturbation_of(const AttackPath& path, int step, int channel, double bound, const ColourMap& colours) {
  const auto image = path.iterates[static_cast<std::size_t>(step)];
  QImage picture(static_cast<int>(path.side), static_cast<int>(path.side), QImage::Format_RGB32);
  const auto plane = static_cast<std::size_t>(path.side * path.side);
  const std::size_t first = channel < 0 ? 0 : static_cast<std::size_t>(channel), count = channel < 0 ? static_cast<std::size_t>(path.channels) : 1;
  for (int y = 0; y < path.side; ++y) {
    auto* line = reinterpret_cast<QRgb*>(picture.scanLine(y));
    for (int x = 0; x < path.side; ++x) {
      double sum = 0;
      for (std::size_t c = first; c < first + count; ++c) {
        const std::size_t i = c * plane + static_cast<std::size_t>(y * path.side + x);
        sum += double(image[i]) - path.clean[i];
      }
      line[x] = colours.at(0.5 + 0.5 * sum / static_cast<double>(count) / bound);
    }
  }
  return picture;
}

double perturbation_bound(const AttackPath& path) {
  const double bound = path.linf ? path.epsilon : distance(path, path.last()).linf;
  return bound > 0 ? bound : 1.0 / 255;
}

std::vector<std::uint8_t> rounded_towards_clean(const AttackPath& path, int step) {
  constexpr double kLevelTolerance = 1e-4;  // of a level: fp32 does not hit 107/255 exactly
  const auto image = path.iterates[static_cast<std::size_t>(step)];
  const auto plane = static_cast<std::size_t>(path.side * path.side), channels = static_cast<std::size_t>(path.channels);
  std::vector<std::uint8_t> bytes(image.size());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < plane; ++i) {
      const double level = 255.0 * image[c * plane + i], origin = 255.0 * path.clean[c * plane + i], nearest = std::round(level);
      const double inner = level > origin ? std::floor(level) : std::ceil(level);
      bytes[i * channels + c] = static_cast<std::uint8_t>(std::clamp(std::abs(level - nearest) < kLevelTolerance ? nearest : inner, 0.0, 255.0));
    }
  }
  return bytes;
}

}  // namespace mimir
