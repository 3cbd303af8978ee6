#include "widgets/panels/attention/attention_maps.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "widgets/format.h"

namespace mimir {
namespace {

const char* tensor_of(AttentionKind kind) {
  switch (kind) {
    case AttentionKind::attention: return "attention";
    case AttentionKind::rollout: return "rollout";
    case AttentionKind::gradient_rollout: return "gradient_rollout_map";
    case AttentionKind::relevance: return "relevance_map";
    case AttentionKind::similarity: break;
  }
  return "similarity";
}

/// Sets all but the smallest set of patches that holds `mass` of the sum to NaN.
void keep_mass(std::vector<float>& map, double mass) {
  if (mass >= 1) return;
  std::vector<std::size_t> order(map.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return map[a] > map[b]; });
  const double sum = std::accumulate(map.begin(), map.end(), 0.0);
  double held = 0;
  for (const std::size_t patch : order) {
    const float value = map[patch];
    if (held >= mass * sum) map[patch] = std::numeric_limits<float>::quiet_NaN();
    held += value;
  }
}

std::int64_t integer(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
}

double number(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

}  // namespace

Expected<AttentionMaps> AttentionMaps::read(std::shared_ptr<const WorkerAnswer> answer) {
  AttentionMaps maps;
  maps.answer_ = std::move(answer);
  const auto& result = maps.answer_->result;
  const auto lacks = [](const std::string& name) { return fail(ErrorCode::input, "The worker's answer has no usable tensor \"{}\".", name); };
  const auto attention = maps.answer_->arrays.find("attention");
  if (attention == maps.answer_->arrays.end() || attention->second.dtype != Dtype::f32 || attention->second.shape.size() != 4) return lacks("attention");
  const auto& shape = attention->second.shape;
  const std::int64_t layers = shape[0], heads = shape[1], tokens = shape[2];
  const auto grid = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(tokens - 1))));
  if (layers < 1 || heads < 1 || tokens < 2 || tokens > 65536 || shape[3] != tokens || grid * grid != tokens - 1) return lacks("attention");
  maps.layers_ = static_cast<int>(layers);
  maps.heads_ = static_cast<int>(heads);
  maps.tokens_ = static_cast<int>(tokens);
  maps.grid_ = static_cast<int>(grid);
  maps.attacked_ = maps.answer_->arrays.contains("adversarial");
  maps.classifies_ = maps.answer_->arrays.contains("layer_logits");
  for (const char* prefix : {"", "adversarial_"}) {
    if (*prefix && !maps.attacked_) break;
    const std::string p = prefix;
    if (!maps.find(p + "attention", shape)) return lacks(p + "attention");
    if (!maps.find(p + "rollout", {tokens, tokens})) return lacks(p + "rollout");
    if (!maps.find(p + "similarity", {layers, tokens, tokens})) return lacks(p + "similarity");
    for (const char* map : {"gradient_rollout_map", "relevance_map"}) {
      if (maps.classifies_ && !maps.find(p + map, {tokens - 1})) return lacks(p + map);
    }
  }
  if (maps.attacked_) {
    for (const char* name : {"divergence", "distance", "frobenius", "cosine"}) {
      if (!maps.find(name, {layers, heads})) return lacks(name);
    }
    if (!maps.find("cka", {layers})) return lacks("cka");
  }
  if (!maps.answer_->arrays.contains("clean")) return lacks("clean");
  const auto images = result.find("images");
  if (images == result.end() || !images->is_array() || images->size() != 1 || !images->front().is_object()) {
    return fail(ErrorCode::input, "The worker's answer says nothing of the image.");
  }
  maps.class_token_ = result.contains("readout") && result["readout"] == "class_token";
  for (const std::string& name : class_names(result)) maps.classes_ += QString::fromStdString(name);
  return maps;
}

const Array* AttentionMaps::find(const std::string& name, std::vector<std::int64_t> shape) const {
  const auto found = answer_->arrays.find(name);
  return found != answer_->arrays.end() && found->second.dtype == Dtype::f32 && found->second.shape == shape ? &found->second : nullptr;
}

std::span<const float> AttentionMaps::values(const std::string& name) const {
  const auto found = answer_->arrays.find(name);
  return found == answer_->arrays.end() ? std::span<const float>() : found->second.as<float>();
}

QString AttentionMaps::class_name(std::int64_t index) const {
  if (index >= 0 && index < classes_.size()) return classes_[index];
  return QCoreApplication::translate("mimir::AttentionMaps", "class %1").arg(index);
}

std::vector<float> AttentionMaps::row(std::span<const float> matrix, int from) const {
  const auto tokens = static_cast<std::size_t>(tokens_);
  std::vector<float> out(tokens - 1);
  if (from != MapQuery::kMean) {
    const auto token = static_cast<std::size_t>(std::clamp(from, -1, tokens_ - 2) + 1);
    std::copy_n(matrix.begin() + static_cast<std::ptrdiff_t>(token * tokens + 1), tokens - 1, out.begin());
    return out;
  }
  std::vector<double> sum(tokens - 1);
  for (std::size_t token = 1; token < tokens; ++token) {
    for (std::size_t i = 0; i + 1 < tokens; ++i) sum[i] += matrix[token * tokens + i + 1];
  }
  for (std::size_t i = 0; i + 1 < tokens; ++i) out[i] = static_cast<float>(sum[i] / static_cast<double>(tokens - 1));
  return out;
}

std::vector<float> AttentionMaps::raw(const MapQuery& query, bool adversarial) const {
  if (adversarial && !attacked_) return {};
  const auto all = values((adversarial ? "adversarial_" : "") + std::string(tensor_of(query.kind)));
  if (all.empty()) return {};
  const auto square = static_cast<std::size_t>(tokens_) * static_cast<std::size_t>(tokens_);
  const auto layer = static_cast<std::size_t>(std::clamp(query.layer, 0, layers_ - 1)), head = static_cast<std::size_t>(std::clamp(query.head, 0, heads_ - 1));
  switch (query.kind) {
    case AttentionKind::attention: return row(all.subspan((layer * static_cast<std::size_t>(heads_) + head) * square, square), query.from);
    case AttentionKind::similarity: return row(all.subspan(layer * square, square), query.from);
    case AttentionKind::rollout: return row(all, query.from);
    case AttentionKind::gradient_rollout:
    case AttentionKind::relevance: break;
  }
  return {all.begin(), all.end()};
}

std::vector<float> AttentionMaps::map(const MapQuery& query, Side side) const {
  if (side != Side::difference) {
    std::vector<float> map = raw(query, side == Side::adversarial);
    if (query.kind != AttentionKind::similarity) keep_mass(map, query.mass);
    return map;
  }
  std::vector<float> difference = raw(query, true);
  const std::vector<float> clean = raw(query, false);
  if (difference.size() != clean.size()) return {};
  for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= clean[i];
  return difference;
}

std::shared_ptr<const MapTable> AttentionMaps::table(const MapQuery& query, Side side) const {
  if (side != Side::clean && !attacked_) return nullptr;
  MapQuery each = query;
  if (each.kind != AttentionKind::similarity) each.kind = AttentionKind::attention;
  auto table = std::make_shared<MapTable>();
  table->rows = layers_;
  table->columns = each.kind == AttentionKind::similarity ? 1 : heads_;
  table->grid = grid_;
  table->values.reserve(static_cast<std::size_t>(table->rows * table->columns) * table->map_size());
  for (each.layer = 0; each.layer < table->rows; ++each.layer) {
    for (each.head = 0; each.head < table->columns; ++each.head) {
      const auto one = map(each, side);
      table->values.insert(table->values.end(), one.begin(), one.end());
    }
  }
  return table;
}

std::optional<double> AttentionMaps::to_class_token(const MapQuery& query, Side side) const {
  const bool attention = query.kind == AttentionKind::attention;
  if (!(attention || query.kind == AttentionKind::rollout) || side == Side::difference || (side == Side::adversarial && !attacked_)) return std::nullopt;
  const auto all = values((side == Side::adversarial ? "adversarial_" : "") + std::string(tensor_of(query.kind)));
  const auto tokens = static_cast<std::size_t>(tokens_);
  const auto layer = static_cast<std::size_t>(std::clamp(query.layer, 0, layers_ - 1)), head = static_cast<std::size_t>(std::clamp(query.head, 0, heads_ - 1));
  const auto matrix = attention ? all.subspan((layer * static_cast<std::size_t>(heads_) + head) * tokens * tokens, tokens * tokens) : all;
  if (query.from != MapQuery::kMean) return matrix[static_cast<std::size_t>(std::clamp(query.from, -1, tokens_ - 2) + 1) * tokens];
  double sum = 0;
  for (std::size_t token = 1; token < tokens; ++token) sum += matrix[token * tokens];
  return sum / static_cast<double>(tokens - 1);
}

const Array* AttentionMaps::picture(Side side) const {
  const auto found = answer_->arrays.find(side == Side::adversarial ? "adversarial" : "clean");
  return found == answer_->arrays.end() || side == Side::difference ? nullptr : &found->second;
}

Answered AttentionMaps::answered(Side side) const {
  const auto& image = answer_->result["images"].front();
  const bool adversarial = side == Side::adversarial;
  const std::int64_t prediction = integer(image, adversarial ? "adversarial_prediction" : "prediction");
  if (prediction < 0) return {};
  const std::int64_t label = integer(image, "label");
  return {class_name(prediction), number(image, adversarial ? "adversarial_probability" : "probability"), prediction == label, label >= 0};
}

Answered AttentionMaps::answered_at(int layer, Side side) const {
  const auto found = answer_->result.find("layers");
  if (found == answer_->result.end() || !found->is_array() || layer < 0 || layer >= static_cast<int>(found->size()) || !(*found)[static_cast<std::size_t>(layer)].is_object()) return {};
  const auto& here = (*found)[static_cast<std::size_t>(layer)];
  const bool adversarial = side == Side::adversarial;
  const std::int64_t prediction = integer(here, adversarial ? "adversarial_prediction" : "prediction");
  if (prediction < 0) return {};
  const std::int64_t label = integer(answer_->result["images"].front(), "label");
  return {class_name(prediction), number(here, adversarial ? "adversarial_probability" : "probability"), prediction == label, label >= 0};
}

std::span<const float> AttentionMaps::distance(const char* name) const { return attacked_ ? values(name) : std::span<const float>(); }

}  // namespace mimir
