#include "widgets/panels/launch/measurement.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "widgets/session/run_words.h"

namespace mimir {
namespace {

constexpr int kLimitMs = 30 * 60 * 1000;  ///< a single step of a large model may take minutes; one can cancel

bool training(const RunLibrary& library) { return std::any_of(library.runs().begin(), library.runs().end(), at_work); }

}  // namespace

const Measurement::Stage* Measurement::stage(const QString& name) const {
  const auto found = stages.find(name.toStdString());
  return found == stages.end() ? nullptr : &found->second;
}

bool Measurement::holds_for(const Recipe& other) const {
  Recipe same = other;
  same.title = recipe.title;
  same.seed = recipe.seed;
  return same == recipe;
}

Expected<Measurement> parse_measurement(const nlohmann::json& answer) {
  const auto unreadable = [] { return fail(ErrorCode::mismatch, "mimir bench recipe answered without stages, times and memory; is it of another version?"); };
  const auto positive = [](const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() && found->get<double>() > 0 ? std::optional(found->get<double>()) : std::nullopt;
  };
  if (!answer.is_object() || !answer.contains("stages") || !answer["stages"].is_array() || answer["stages"].empty()) return unreadable();
  Measurement measured;
  for (const nlohmann::json& entry : answer["stages"]) {
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) return unreadable();
    const auto seconds = positive(entry, "seconds");
    if (!seconds) return unreadable();
    Measurement::Stage stage{*seconds, std::nullopt};
    if (entry.contains("steps") && entry["steps"].is_number_integer()) stage.steps = entry["steps"].get<std::int64_t>();
    measured.stages[entry["name"].get<std::string>()] = stage;
  }
  const auto memory = positive(answer, "memory_mb");
  if (!memory) return unreadable();
  measured.memory = *memory * 1024 * 1024;
  return measured;
}

Measurer::Measurer(Program& program, RunLibrary& library, QObject* parent) : QObject(parent), program_(&program), library_(&library) {}

void Measurer::measure(const RecipeDraft& draft, const FormSchema& schema) {
  if (busy()) return;
  doing_.clear();
  problem_.clear();
  cancelled_ = false;
  auto recipe = draft.resolved(schema);
  if (!recipe) {
    problem_ = QString::fromStdString(recipe.error().message);
  } else {
    Measurement asked;
    asked.recipe = std::move(*recipe);
    asked.base = draft.base;
    asked.beside = training(*library_);
    call_ = program_->ask(QStringList{QStringLiteral("bench"), QStringLiteral("recipe")} + draft.arguments(schema), this,
                          [this, asked](const Expected<nlohmann::json>& answer) { answered(answer, asked); }, kLimitMs,
                          [this](const QString& line) {
                            doing_ = line;
                            Q_EMIT changed();
                          });
  }
  Q_EMIT changed();
}

void Measurer::cancel() {
  if (!busy() || cancelled_) return;
  cancelled_ = true;
  doing_ = tr("Cancelling");
  Program::stop(call_);
  Q_EMIT changed();
}

void Measurer::answered(const Expected<nlohmann::json>& answer, Measurement asked) {
  call_.clear();
  const auto measured = answer ? parse_measurement(*answer) : Expected<Measurement>(tl::unexpected(answer.error()));
  if (cancelled_) {
    // Whatever it said on its way out.
  } else if (measured) {
    asked.stages = measured->stages;
    asked.memory = measured->memory;
    asked.time = QDateTime::currentDateTime();
    asked.beside = asked.beside || training(*library_);
    measurement_ = std::move(asked);
  } else {
    problem_ = QString::fromStdString(measured.error().message);
  }
  Q_EMIT changed();
}

}  // namespace mimir
