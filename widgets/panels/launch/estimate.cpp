#include "widgets/panels/launch/estimate.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/schema.h"
#include "core/base/text.h"
#include "widgets/session/run_words.h"

namespace mimir {
namespace {

bool same_value(const std::string& a, const std::string& b) {
  const auto x = parse_number(a), y = parse_number(b);
  return x && y ? *x == *y : a == b;
}

/// Whether the field decides how long one image takes, apart from the number of attack steps.
bool decides_speed(const Field& field, const std::string& stage) {
  if (field.table == "model") return true;
  const std::string path = field.path();
  if (path == "data.name" || path == "compute.device" || path == "compute.precision" || path == "compute.threads") return true;
  if (stage == "evaluate") return path == "evaluate.attacks" || path == "evaluate.norm";
  return path == stage + ".method" || path == stage + ".information.estimator";
}

bool similar(const Recipe& recipe, const std::string& stage, const RunEntry& run) {
  for (const Field& field : recipe_schema()) {
    if (!decides_speed(field, stage)) continue;
    const auto other = run.recipe.find(field.path());
    if (other == run.recipe.end() || !same_value(other->second, format_value(field.get(recipe)))) return false;
  }
  return true;
}

std::optional<double> number_of(const RunEntry& run, const std::string& key) {
  const auto found = run.recipe.find(key);
  return found == run.recipe.end() ? std::nullopt : parse_number(found->second);
}

const StageRow* stage_of(const RunEntry& run, const std::string& name) {
  const auto found = std::find_if(run.stages.begin(), run.stages.end(), [&](const StageRow& row) { return row.name == name; });
  return found == run.stages.end() ? nullptr : &*found;
}

/// Passes through the model for one training image: the attack's, and the step's own. The recipe's fields as the run
/// spells them, or as `recipe` has them.
double passes(const std::string& stage, const std::function<std::optional<double>(const std::string&)>& number) {
  return 1 + number(stage + ".attack.num_steps").value_or(0) * std::max(1.0, number(stage + ".attack.restarts").value_or(1));
}

double passes_of(const Recipe& recipe, const std::string& stage) {
  return passes(stage, [&](const std::string& key) -> std::optional<double> {
    const Field* field = find_field(key);
    return field && field->present(recipe) ? parse_number(format_value(field->get(recipe))) : std::nullopt;
  });
}

double passes_of(const RunEntry& run, const std::string& stage) {
  return passes(stage, [&](const std::string& key) { return number_of(run, key); });
}

std::vector<std::string> stages_of(const Recipe& recipe) {
  std::vector<std::string> stages;
  if (recipe.pretrain) stages.push_back("pretrain");
  if (recipe.finetune) stages.push_back("finetune");
  if (recipe.evaluate) stages.push_back("evaluate");
  return stages;
}

bool similar_in_all(const Recipe& recipe, const RunEntry& run) {
  const auto stages = stages_of(recipe);
  return !stages.empty() && std::all_of(stages.begin(), stages.end(), [&](const std::string& stage) { return stage_of(run, stage) && similar(recipe, stage, run); });
}

/// Images in memory at a time.
bool same_batches(const Recipe& recipe, const RunEntry& run) {
  const auto same = [&](const char* key, double value) { return number_of(run, key) == value; };
  return (!recipe.pretrain || same("pretrain.batch_size", static_cast<double>(recipe.pretrain->batch_size))) &&
         (!recipe.finetune || same("finetune.batch_size", static_cast<double>(recipe.finetune->batch_size)));
}

std::optional<StageEstimate> estimate_evaluation(const Recipe& recipe, const RunEntry& run) {
  const StageRow* row = stage_of(run, "evaluate");
  const auto images = number_of(run, "evaluate.images");
  if (!row || !row->started || !row->ended || row->state != StageState::finished || !images) return std::nullopt;
  const double before = *images, now = static_cast<double>(recipe.evaluate->images);
  if (before != now && (before <= 0 || now <= 0)) return std::nullopt;
  return StageEstimate{(*row->ended - *row->started) * (before == now ? 1 : now / before), std::nullopt, {}, false};
}

std::optional<StageEstimate> estimate_training(const OptimisationRecipe& plan, const Recipe& recipe, const std::string& stage, std::optional<std::int64_t> steps, const RunEntry& run) {
  const auto rate = run.metrics.find(stage + "/images_per_second");
  if (rate == run.metrics.end() || !(rate->second > 0) || !std::isfinite(rate->second)) return std::nullopt;
  StageEstimate estimate;
  if (!steps) {
    const StageRow* row = stage_of(run, stage);
    const auto epochs = number_of(run, stage + ".epochs"), batch = number_of(run, stage + ".batch_size");
    const auto accumulate = number_of(run, stage + ".accumulate"), images = number_of(run, "data.train_images");
    const bool comparable = row && row->total > 0 && epochs && *epochs > 0 && batch == static_cast<double>(plan.batch_size) &&
                            accumulate == static_cast<double>(plan.accumulate) && images == static_cast<double>(recipe.data.train_images);
    if (!comparable) return std::nullopt;
    steps = std::llround(static_cast<double>(row->total) / *epochs * static_cast<double>(plan.epochs));
    estimate.steps = steps;
  }
  const double ours = passes_of(recipe, stage), theirs = passes_of(run, stage);
  estimate.scaled = ours != theirs;
  estimate.seconds = static_cast<double>(*steps * plan.batch_size * plan.accumulate) / rate->second * ours / theirs;
  return estimate;
}

}  // namespace

std::optional<StageEstimate> estimate_stage(const Recipe& recipe, const std::string& stage, std::optional<std::int64_t> steps, const std::vector<RunEntry>& runs) {
  const bool there = stage == "pretrain" ? recipe.pretrain.has_value() : stage == "finetune" ? recipe.finetune.has_value() : recipe.evaluate.has_value();
  if (!there) return std::nullopt;
  std::optional<StageEstimate> scaled;
  for (const RunEntry& run : runs) {
    if (!similar(recipe, stage, run)) continue;
    std::optional<StageEstimate> estimate;
    if (stage == "evaluate") estimate = estimate_evaluation(recipe, run);
    else if (stage == "pretrain") estimate = estimate_training(*recipe.pretrain, recipe, stage, steps, run);
    else estimate = estimate_training(*recipe.finetune, recipe, stage, steps, run);
    if (!estimate) continue;
    estimate->run = run_name(run);
    if (!estimate->scaled) return estimate;
    if (!scaled) scaled = estimate;
  }
  return scaled;
}

std::optional<MemoryEstimate> estimate_memory(const Recipe& recipe, const std::vector<RunEntry>& runs) {
  for (const RunEntry& run : runs) {
    if (!similar_in_all(recipe, run) || !same_batches(recipe, run)) continue;
    double most = run.heartbeat ? run.heartbeat->memory.value_or(0) : 0;
    for (const std::string& stage : stages_of(recipe)) {
      const auto memory = run.metrics.find(stage + "/memory");
      if (memory != run.metrics.end() && std::isfinite(memory->second)) most = std::max(most, memory->second);
    }
    if (most > 0) return MemoryEstimate{most * 1024 * 1024, run_name(run)};
  }
  return std::nullopt;
}

const RunEntry* run_of_like_size(const Recipe& recipe, const std::vector<RunEntry>& runs) {
  for (const RunEntry& run : runs) {
    if (run.condition.status == RunStatus::finished && similar_in_all(recipe, run)) return &run;
  }
  return nullptr;
}

}  // namespace mimir
