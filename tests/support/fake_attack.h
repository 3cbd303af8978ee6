#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/store/worker_protocol.h"

/// Kinds images and attack of the fake worker: four classes, each the mean of one quarter of the picture, times a gain.
/// Another run is another gain and another quarter for each class. Real numbers, no libtorch.
namespace mimir::fake {

inline constexpr int kSide = 8, kChannels = 3, kClasses = 4, kPixels = kChannels * kSide * kSide;
inline constexpr float kGain = 40;

using Picture = std::vector<float>;

inline int quarter_of(int pixel) { return (pixel / kSide % kSide >= kSide / 2 ? 2 : 0) + (pixel % kSide >= kSide / 2 ? 1 : 0); }

/// The quarter of its class (index modulo 4) is a little brighter; on the grid of 255 levels.
inline Picture picture(std::int64_t index) {
  Picture image(kPixels);
  for (int i = 0; i < kPixels; ++i) image[static_cast<std::size_t>(i)] = static_cast<float>(100 + (i * 7 + index * 13) % 11 + (quarter_of(i) == index % kClasses ? 10 : 0)) / 255;
  return image;
}

struct Model {
  int turn = 0;  ///< class k looks at quarter k + turn
  std::vector<float> logits(const Picture& x) const {
    std::vector<float> sums(kClasses);
    for (int i = 0; i < kPixels; ++i) sums[static_cast<std::size_t>((quarter_of(i) + kClasses - turn) % kClasses)] += x[static_cast<std::size_t>(i)];
    for (float& sum : sums) sum *= kGain * kClasses / kPixels;
    return sums;
  }
};

inline std::vector<float> softmax(std::vector<float> logits) {
  const float top = *std::max_element(logits.begin(), logits.end());
  float sum = 0;
  for (float& each : logits) sum += each = std::exp(each - top);
  for (float& each : logits) each /= sum;
  return logits;
}

inline Model model_of(const nlohmann::json& run) { return {run == "other" ? 1 : 0}; }

struct Walk {
  std::vector<float> path, loss, margin, probabilities;  ///< [S + 1, …]
  Picture last;
};

inline Walk walk(const Model& model, const Picture& clean, Picture x, int label, float epsilon, float step_size, int steps) {
  Walk w;
  for (int step = 0;; ++step) {
    const auto logits = model.logits(x), p = softmax(logits);
    float other = -1e9F;
    for (int k = 0; k < kClasses; ++k) {
      if (k != label) other = std::max(other, logits[static_cast<std::size_t>(k)]);
    }
    w.path.insert(w.path.end(), x.begin(), x.end());
    w.loss.push_back(-std::log(std::max(p[static_cast<std::size_t>(label)], 1e-30F)));
    w.margin.push_back(other - logits[static_cast<std::size_t>(label)]);
    w.probabilities.insert(w.probabilities.end(), p.begin(), p.end());
    w.last = x;
    if (step == steps) return w;
    for (int i = 0; i < kPixels; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const int sees = (quarter_of(i) + kClasses - model.turn) % kClasses;
      const float gradient = p[static_cast<std::size_t>(sees)] - (sees == label ? 1 : 0);
      const float moved = x[at] + (gradient > 0 ? step_size : gradient < 0 ? -step_size : 0);
      x[at] = std::clamp(std::clamp(moved, clean[at] - epsilon, clean[at] + epsilon), 0.0F, 1.0F);
    }
  }
}

inline Array floats(std::vector<std::int64_t> shape, const std::vector<float>& values) { return Array::of<float>(Dtype::f32, std::move(shape), values); }

inline bool refused(const WorkerRequest& request, WorkerAnswer& answer) {
  const bool autoencoder = request.options.value("run", std::string()) == "mae", large = request.options.value("transfer", std::string()) == "large";
  if (!autoencoder && !large) return false;
  answer.part = AnswerPart::error;
  answer.code = "mismatch";
  answer.message = autoencoder ? "mae holds a masked autoencoder, which classifies nothing" : "--transfer: large takes 16 x 16 pixels, weights takes 8 x 8";
  return true;
}

inline nlohmann::json data() { return {{"name", "demo"}, {"split", "test"}, {"classes", {"ant", "bee", "cat", "dog"}}, {"size", 40}}; }

inline void images(const WorkerRequest& request, WorkerAnswer& answer) {
  const auto& options = request.options;
  const std::string wanted = options.value("class", std::string());
  const std::vector<std::string> names{"ant", "bee", "cat", "dog"};
  const int offset = options.value("offset", 0), count = options.value("count", 24);
  std::vector<std::int64_t> matching;
  for (std::int64_t i = 0; i < 40; ++i) {
    if (wanted.empty() || names[static_cast<std::size_t>(i % kClasses)] == wanted) matching.push_back(i);
  }
  std::vector<std::uint8_t> bytes;
  answer.result = {{"data", data()}, {"total", matching.size()}, {"scanned", 40}, {"images", nlohmann::json::array()}};
  for (std::size_t at = static_cast<std::size_t>(offset); at < matching.size() && at < static_cast<std::size_t>(offset + count); ++at) {
    for (const float value : picture(matching[at])) bytes.push_back(static_cast<std::uint8_t>(std::lround(value * 255)));
    answer.result["images"].push_back({{"index", matching[at]}, {"label", matching[at] % kClasses}, {"prediction", matching[at] == 5 ? 0 : matching[at] % kClasses}, {"probability", 0.9}, {"margin", -1.5}});
  }
  answer.arrays["images"] = Array::of<std::uint8_t>(Dtype::u8, {static_cast<std::int64_t>(answer.result["images"].size()), kChannels, kSide, kSide}, bytes);
}

inline std::string set_value(const nlohmann::json& options, const std::string& key, const std::string& other) {
  for (const auto& each : options.value("set", nlohmann::json::array())) {
    const std::string word = each.get<std::string>();
    if (word.starts_with(key + "=")) return word.substr(key.size() + 1);
  }
  return other;
}

inline void attack(const WorkerRequest& request, WorkerAnswer& answer, const std::function<void(const WorkerAnswer&)>& say) {
  if (refused(request, answer)) return;
  const auto& options = request.options;
  const std::int64_t index = parse_integer(options.value("image", std::string("0"))).value_or(0);
  const Model model = model_of(options.at("run"));
  const Picture clean = picture(index);
  const int label = static_cast<int>(index % kClasses), steps = static_cast<int>(parse_integer(set_value(options, "num_steps", "10")).value_or(10));
  const int restarts = static_cast<int>(parse_integer(set_value(options, "restarts", "1")).value_or(1));
  const auto epsilon = static_cast<float>(parse_number(options.value("epsilon", std::string("8/255"))).value_or(0));
  const auto given = static_cast<float>(parse_number(set_value(options, "step_size", "0")).value_or(0));
  const auto run = [&](float radius) { return walk(model, clean, clean, label, radius, given > 0 ? given : radius / 4, steps); };
  const Walk kept = run(epsilon);
  const std::vector<std::int64_t> one{1, kChannels, kSide, kSide}, many{restarts, steps + 1, 1};
  const auto repeated = [&](const std::vector<float>& values) {
    std::vector<float> all;
    for (int r = 0; r < restarts; ++r) all.insert(all.end(), values.begin(), values.end());
    return all;
  };
  const auto iterate = [](const Walk& way, int step) { return Picture(way.path.begin() + step * kPixels, way.path.begin() + (step + 1) * kPixels); };
  const int left = options.value("branch-step", -1), more = options.value("branch-steps", steps), shown = options.value("step", -1);
  const Walk branch = left < 0 ? Walk() : walk(model, clean, iterate(kept, left), label, epsilon, epsilon / 8, more);
  const bool on_branch = left >= 0 && shown > left;
  const Picture adversarial = on_branch ? iterate(branch, shown - left) : shown >= 0 ? iterate(kept, shown) : kept.last;
  answer.arrays["clean"] = floats(one, clean);
  answer.arrays["adversarial"] = floats(one, adversarial);
  answer.arrays["loss"] = floats({1, steps + 1}, kept.loss);
  answer.arrays["margin"] = floats({1, steps + 1}, kept.margin);
  answer.arrays["label"] = Array::of<std::int64_t>(Dtype::i64, {1}, std::vector<std::int64_t>{label});
  answer.arrays["restart"] = Array::of<std::int64_t>(Dtype::i64, {1}, std::vector<std::int64_t>{restarts - 1});
  answer.arrays["logits"] = floats({1, kClasses}, model.logits(clean));
  answer.arrays["adversarial_logits"] = floats({1, kClasses}, model.logits(adversarial));
  if (options.value("trajectory", false)) {
    answer.arrays["path"] = floats({restarts, steps + 1, 1, kChannels, kSide, kSide}, repeated(kept.path));
    answer.arrays["path_loss"] = floats(many, repeated(kept.loss));
    answer.arrays["path_margin"] = floats(many, repeated(kept.margin));
    answer.arrays["path_probabilities"] = floats({restarts, steps + 1, 1, kClasses}, repeated(kept.probabilities));
  }
  nlohmann::json image = {{"index", index}, {"label", label}, {"target", nullptr}, {"zero_gradient", 0.0}, {"linf", 0.0}, {"l2", 0.0}, {"top", nlohmann::json::array()}};
  for (const auto& [prefix, picture] : {std::pair(std::string(), &clean), std::pair(std::string("adversarial_"), &adversarial)}) {
    const auto shares = softmax(model.logits(*picture));
    const auto says = std::max_element(shares.begin(), shares.end());
    image[prefix + "prediction"] = says - shares.begin();
    image[prefix + "probability"] = *says;
  }
  const std::string of = options.at("run").get<std::string>();
  answer.result = {{"attack", {{"name", "pgd"}, {"norm", "linf"}, {"epsilon", epsilon}, {"step_size", given}, {"num_steps", steps}, {"restarts", restarts}, {"random_start", false}, {"objective", "ce"}}},
                   {"checkpoint", {{"path", of}, {"model", "linear"}, {"stage", "finetune"}, {"step", of == "other" ? 20 : 10}, {"run", nullptr}}}, {"seed", 0}, {"notes", nlohmann::json::array()},
                   {"data", data()}, {"hints", nlohmann::json::array()}, {"command", "mimir attack " + of + " --image " + std::to_string(index)}};
  if (shown >= 0) answer.result["shown"] = {{"step", shown}, {"last", left >= 0 ? left + more : steps}, {"restart", nullptr}, {"restarts", restarts}, {"branch", on_branch}};
  if (left >= 0) {
    answer.arrays["branch_path"] = floats({more + 1, 1, kChannels, kSide, kSide}, branch.path);
    answer.arrays["branch_loss"] = floats({1, more + 1}, branch.loss);
    answer.arrays["branch_margin"] = floats({1, more + 1}, branch.margin);
    answer.arrays["branch_logits"] = floats({1, kClasses}, model.logits(branch.last));
    answer.result["branch"] = {{"step", left}, {"objective", "ce"}, {"step_size", epsilon / 8}, {"num_steps", more}};
  }
  if (options.contains("transfer")) {
    const Model other = model_of(options["transfer"]);
    answer.arrays["transfer_logits"] = floats({1, kClasses}, other.logits(clean));
    answer.arrays["transfer_adversarial_logits"] = floats({1, kClasses}, other.logits(adversarial));
  }
  const auto part = [&] {
    WorkerAnswer better;
    better.id = request.id;
    better.kind = request.kind;
    better.part = AnswerPart::better;
    return better;
  };
  if (options.contains("sweep")) {
    int at = 0;
    for (const std::string& word : split(options["sweep"].get<std::string>(), ',')) {
      const double radius = parse_number(word).value_or(0);
      const Walk w = run(static_cast<float>(radius));
      WorkerAnswer better = part();
      better.result = {{"epsilon", radius}, {"at", at++}};
      better.arrays["sweep_path"] = floats({steps + 1, 1, kChannels, kSide, kSide}, w.path);
      better.arrays["sweep_loss"] = floats({1, steps + 1}, w.loss);
      better.arrays["sweep_margin"] = floats({1, steps + 1}, w.margin);
      better.arrays["sweep_logits"] = floats({1, kClasses}, model.logits(w.last));
      say(better);
    }
  }
  if (options.value("smallest-epsilon", false)) {
    double low = 0, high = parse_number(options.value("up-to", std::string("16/255"))).value_or(0);
    const auto broken = [&](double radius) { return run(static_cast<float>(radius)).margin.back() > 0; };
    image["smallest_epsilon"] = nullptr;
    for (double tried = high; high - low > 1e-4; tried = (low + high) / 2) {
      const bool broke = broken(tried);
      WorkerAnswer better = part();
      better.result = {{"image", 0}, {"epsilon", tried}, {"broken", broke}};
      say(better);
      if (broke) image["smallest_epsilon"] = high = tried;
      else if (tried == high) break;
      else low = tried;
    }
  }
  answer.result["images"] = nlohmann::json::array({image});
}

}  // namespace mimir::fake
