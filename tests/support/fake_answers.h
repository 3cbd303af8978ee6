#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/store/worker_protocol.h"

// Answers of the worker's kinds `attend` and `reconstruct` about a model of a few numbers: 2 layers, 3 heads, 2 x 2 patches of
// 2 x 2 pixels, 3 classes. What a test expects of them it can work out by hand.

namespace mimir::fake {

inline constexpr int kLayers = 2, kHeads = 3, kPatches = 4, kTokens = 5, kSide = 4, kClasses = 3;

inline Array floats(std::vector<std::int64_t> shape, const std::vector<float>& values) { return Array::of<float>(Dtype::f32, std::move(shape), values); }

inline Array filled(std::vector<std::int64_t> shape, float value) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return floats(std::move(shape), std::vector<float>(static_cast<std::size_t>(count), value));
}

/// Rows that sum to 1; `shift` makes another one of it.
inline float attention(int layer, int head, int query, int key, int shift) {
  const auto weight = [&](int k) { return 1 + (layer * 7 + head * 5 + query * 3 + k * (2 + shift)) % 11; };
  int sum = 0;
  for (int k = 0; k < kTokens; ++k) sum += weight(k);
  return static_cast<float>(weight(key)) / static_cast<float>(sum);
}

inline std::string text(const nlohmann::json& options, const char* key) {
  const auto found = options.find(key);
  return found != options.end() && found->is_string() ? found->get<std::string>() : std::string();
}

inline void add_common(WorkerAnswer& answer, const WorkerRequest& request) {
  answer.id = request.id;
  answer.kind = request.kind;
  answer.result["checkpoint"] = {{"path", text(request.options, "run")}, {"stage", "finetune"}, {"step", 10}, {"run", "aaaa"}};
  answer.result["data"] = {{"name", "fake"}, {"split", "test"}, {"classes", {"bird", "cat", "dog"}}};
  answer.result["command"] = "mimir " + request.kind + " " + text(request.options, "run");
  answer.result["notes"] = nlohmann::json::array();
  answer.result["seed"] = 0;
}

inline WorkerAnswer attend(const WorkerRequest& request) {
  WorkerAnswer answer;
  add_common(answer, request);
  const std::string run = text(request.options, "run"), attack = text(request.options, "attack");
  if (run == "broken") {
    answer.part = AnswerPart::error;
    answer.code = "input";
    answer.message = "pretrain-last.safetensors is damaged: it ends in the middle of a tensor.";
    return answer;
  }
  const bool classifies = run != "encoder";
  nlohmann::json image = {{"index", 0}, {"label", 1}, {"prediction", 1}, {"probability", 0.75}, {"margin", -1.0}};
  nlohmann::json layers = nlohmann::json::array();
  for (int layer = 0; layer < kLayers; ++layer) layers.push_back({{"prediction", layer}, {"probability", 0.5}, {"adversarial_prediction", 2}, {"adversarial_probability", 0.25}});
  for (const int shift : {0, 1}) {
    if (shift && attack.empty()) break;
    const std::string p = shift ? "adversarial_" : "";
    std::vector<float> weights;
    for (int l = 0; l < kLayers; ++l) {
      for (int h = 0; h < kHeads; ++h) {
        for (int q = 0; q < kTokens; ++q) {
          for (int k = 0; k < kTokens; ++k) weights.push_back(attention(l, h, q, k, shift));
        }
      }
    }
    answer.arrays[p + "attention"] = floats({kLayers, kHeads, kTokens, kTokens}, weights);
    answer.arrays[p + "rollout"] = filled({kTokens, kTokens}, 0.2F);
    answer.arrays[p + "similarity"] = filled({kLayers, kTokens, kTokens}, 0.5F);
    answer.arrays[p + "gradient_rollout_map"] = floats({kPatches}, {0, 0.1F, 0.2F, 0.3F});
    answer.arrays[p + "relevance_map"] = floats({kPatches}, {0.4F, 0.3F, 0.2F, 0.1F});
    answer.arrays[shift ? "adversarial" : "clean"] = filled({3, kSide, kSide}, shift ? 0.25F : 0.75F);
    if (classifies) answer.arrays[p + "layer_logits"] = filled({kLayers, kClasses}, 0);
  }
  if (!attack.empty()) {
    for (const char* name : {"divergence", "distance", "frobenius", "cosine"}) answer.arrays[name] = floats({kLayers, kHeads}, {0, 0.1F, 0.2F, 0.3F, 0.4F, 0.5F});
    answer.arrays["cka"] = floats({kLayers}, {1, 0.5F});
    image["adversarial_prediction"] = 2;
    image["adversarial_probability"] = 0.5;
  }
  if (!text(request.options, "faithfulness").empty()) {
    std::vector<float> share;
    for (int i = 0; i < 11; ++i) share.push_back(static_cast<float>(i) / 10);
    answer.arrays["share"] = floats({11}, share);
    for (const char* name : {"deletion", "insertion"}) answer.arrays[name] = filled({11}, 0.5F);
    for (const char* name : {"deletion_random", "insertion_random"}) answer.arrays[name] = filled({10, 11}, 0.5F);
    answer.result["faithfulness"] = {{"map", "raw"}, {"deletion_area", 0.125}, {"insertion_area", 0.5}, {"deletion_area_random", 0.5}, {"insertion_area_random", 0.5}};
  }
  if (!classifies) image["prediction"] = image["probability"] = nullptr;
  answer.result["images"] = nlohmann::json::array({image});
  answer.result["layers"] = classifies ? layers : nlohmann::json::array();
  answer.result["readout"] = "mean";
  answer.result["grid"] = {2, 2};
  if (run == "nonsense") answer.arrays.erase("attention");
  return answer;
}

/// Removes the mask of the request, else the first three patches; predicts 0.5 everywhere where the picture is 0.75.
inline WorkerAnswer reconstruct(const WorkerRequest& request) {
  WorkerAnswer answer;
  add_common(answer, request);
  if (text(request.options, "run") == "classifier") {
    answer.part = AnswerPart::error;
    answer.code = "mismatch";
    answer.message = "finetune-best.safetensors holds a classifier, which has no decoder.";
    return answer;
  }
  std::vector<float> mask{1, 1, 1, 0};
  if (const auto given = request.arrays.find("mask"); given != request.arrays.end()) {
    const auto bytes = given->second.as<std::uint8_t>();
    mask.assign(bytes.begin(), bytes.end());
  }
  answer.arrays["clean"] = filled({1, 3, kSide, kSide}, 0.75F);
  answer.arrays["adversarial"] = filled({1, 3, kSide, kSide}, text(request.options, "attack").empty() ? 0.75F : 0.25F);
  answer.arrays["reconstruction"] = filled({1, 3, kSide, kSide}, 0.5F);
  answer.arrays["mask"] = floats({1, kPatches}, mask);
  answer.arrays["error"] = filled({1, kSide, kSide}, 0.0625F);
  answer.result["images"] = nlohmann::json::array({{{"index", 0}, {"label", 1}, {"masked", 3}, {"psnr_masked", 12.04}, {"ssim_masked", 0.5}, {"error_masked", 0.0625}, {"error_visible", 0.0625}, {"attack_gain", nullptr}}});
  answer.result["uses_ground_truth_statistics"] = true;
  answer.result["attack"] = nullptr;
  answer.result["mask"] = {{"kind", request.arrays.contains("mask") ? "given" : "random"}, {"ratio", 0.75}, {"seed", 7}};
  answer.result["grid"] = {2, 2};
  return answer;
}

}  // namespace mimir::fake
