#include "widgets/session/run_words.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "widgets/format.h"

namespace mimir {

QString run_name(const RunEntry& run) {
  if (!run.annotations.name.empty()) return QString::fromStdString(run.annotations.name);
  const QString name = QString::fromStdString(run.folder.name());
  return name.isEmpty() ? run.id : name;
}

QString model_words(const nlohmann::json& result, const RunLibrary& library) {
  const nlohmann::json checkpoint = result.value("checkpoint", nlohmann::json::object());
  const auto text = [&](const char* key) {
    const auto found = checkpoint.find(key);
    return found != checkpoint.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
  };
  const RunEntry* run = library.find(text("run"));
  QStringList words;
  if (run) words += run_name(*run);
  if (QString stage = stage_title(text("stage")); !stage.isEmpty()) {
    const auto step = checkpoint.find("step");
    if (step != checkpoint.end() && step->is_number_integer()) stage = QCoreApplication::translate("RunWords", "%1, step %2").arg(stage).arg(step->get<std::int64_t>());
    words += stage;
  }
  return words.isEmpty() ? QFileInfo(text("path")).fileName() : words.join(QStringLiteral(" · "));
}

QString parameter_to_change(const RunEntry& run) {
  if (run.condition.code != "diverged" || run.condition.stage.empty()) return {};
  const auto own = run.recipe.find(run.condition.stage + ".learning_rate");  // 0: it follows from the base rate
  const bool from_base = own == run.recipe.end() || QString::fromStdString(own->second).toDouble() == 0;
  return QString::fromStdString(run.condition.stage + (from_base ? ".base_learning_rate" : ".learning_rate"));
}

std::optional<double> stage_share(const RunEntry& run) {
  if (!run.heartbeat || run.heartbeat->total <= 0) return std::nullopt;
  return std::clamp(static_cast<double>(run.heartbeat->step) / static_cast<double>(run.heartbeat->total), 0.0, 1.0);
}

bool at_work(const RunEntry& run) {
  const RunStatus status = run.condition.status;
  return status == RunStatus::starting || status == RunStatus::running || status == RunStatus::paused;
}

const RunEntry* running_run(const std::vector<RunEntry>& runs) {
  const RunEntry* found = nullptr;
  for (const RunEntry& run : runs) {
    if (at_work(run) && !run.annotations.trash && (!found || run.created > found->created)) found = &run;
  }
  return found;
}

const RunEntry* run_called(const std::vector<RunEntry>& runs, const QString& text) {
  if (text.isEmpty()) return nullptr;
  const RunEntry* found = nullptr;
  int matches = 0;
  for (const RunEntry& run : runs) {
    if (run.id == text) return &run;
    if (text == QLatin1String("last") && !run.annotations.trash) return &run;  // the newest is first
    if (run.id.startsWith(text) || run_name(run) == text || QString::fromStdString(run.folder.path().filename().string()) == text) {
      found = &run;
      ++matches;
    }
  }
  return matches == 1 ? found : nullptr;
}

}  // namespace mimir
