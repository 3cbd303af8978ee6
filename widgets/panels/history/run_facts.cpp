#include "widgets/panels/history/run_facts.h"

#include <QCoreApplication>
#include <QDateTime>
#include <algorithm>

#include "core/base/schema.h"
#include "widgets/format.h"
#include "widgets/table/run_columns.h"

namespace mimir {
namespace {

constexpr std::size_t kFigures = 3;
constexpr std::size_t kEventsShown = 20;

QString tr(const char* text) { return QCoreApplication::translate("mimir::RunFacts", text); }

/// What to show of a run, the most telling first.
constexpr const char* kFigureMetrics[] = {"evaluate/robust_accuracy", "evaluate/natural_accuracy", "finetune/robust_accuracy", "finetune/natural_accuracy",
                                          "pretrain/loss", "pretrain/reconstruction", "pretrain/images_per_second", "finetune/loss"};

QString percent_or_missing(const std::optional<double>& share) { return share ? percent_text(*share) : kMissing; }

}  // namespace

std::vector<Figure> main_figures(const RunEntry& run) {
  std::vector<Figure> figures;
  for (const char* metric : kFigureMetrics) {
    const std::string name = metric;
    const auto at = run.metrics.find(name);
    if (at == run.metrics.end() || figures.size() == kFigures) continue;
    const QString title = name == "evaluate/robust_accuracy"     ? tr("Robust, test")
                          : name == "evaluate/natural_accuracy"  ? tr("Natural, test")
                          : name == "finetune/robust_accuracy"   ? tr("Robust")
                          : name == "finetune/natural_accuracy"  ? tr("Natural")
                          : name == "pretrain/images_per_second" ? tr("Images/s")
                                                                 : metric_title(QString::fromStdString(name));
    Figure figure{title, is_accuracy(name) ? fixed_text(at->second * 100, 2) : number_text(at->second), {}};
    const auto low = run.metrics.find(name + "_low"), high = run.metrics.find(name + "_high");
    if (low != run.metrics.end() && high != run.metrics.end()) {
      figure.interval = QStringLiteral("%1 – %2").arg(fixed_text(low->second * 100, 1), fixed_text(high->second * 100, 1));
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

CurvePlan curve_plan(const RunRecord& record) {
  const auto has = [&](const char* metric) {
    const auto points = record.points.find(metric);
    return points != record.points.end() && !points->second.empty();
  };
  if (has("finetune/natural_accuracy") && has("finetune/robust_accuracy")) return {tr("Accuracy"), {}, "finetune/natural_accuracy", "finetune/robust_accuracy", true};
  if (has("finetune/loss")) return {tr("Loss"), tr("fine-tuning"), "finetune/loss", {}, false};
  if (has("pretrain/loss")) return {tr("Loss"), tr("pre-training"), "pretrain/loss", {}, false};
  return {};
}

std::vector<FactList::Fact> recipe_facts(const RunEntry& run, const RunEntry* other) {
  std::vector<FactList::Fact> marked, rest;
  for (const Field& field : recipe_schema()) {
    const auto at = run.recipe.find(field.path());
    const auto there = other ? other->recipe.find(field.path()) : run.recipe.end();
    const bool has = at != run.recipe.end(), other_has = other && there != other->recipe.end();
    if (!has && !other_has) continue;
    const std::string reference = other ? (other_has ? there->second : std::string()) : recipe_text(field.parameter, field.parameter.fallback);
    const QString value = !has ? kMissing : at->second.empty() ? QStringLiteral("“”") : QString::fromStdString(at->second);
    const bool differs = other ? has != other_has || (has && at->second != reference) : at->second != reference;
    const QString tip = !differs ? QString() : (other ? tr("There: %1") : tr("Default: %1")).arg(other && !other_has ? kMissing : QString::fromStdString(reference));
    (differs ? marked : rest).push_back({QString::fromStdString(field.path()), value, differs, tip});
  }
  marked.insert(marked.end(), rest.begin(), rest.end());
  return marked;
}

std::vector<FactList::Fact> environment_facts(const RunRecord& record) {
  std::vector<FactList::Fact> facts;
  for (const auto& [key, value] : record.environment) {
    if (key != "argv" && key != "created") facts.push_back({QString::fromStdString(key), QString::fromStdString(value)});
  }
  return facts;
}

std::vector<FactList::Fact> checkpoint_facts(const RunRecord& record) {
  std::vector<FactList::Fact> facts;
  for (const CheckpointRow& row : record.checkpoints) {
    facts.push_back({stage_title(QString::fromStdString(row.stage)) + QStringLiteral(" · ") + QString::fromStdString(row.kind),
                     tr("step %1").arg(number_text(static_cast<double>(row.step))), false, QString::fromStdString(row.path)});
  }
  return facts;
}

std::vector<FactList::Fact> evaluation_facts(const RunRecord& record) {
  std::vector<FactList::Fact> facts;
  for (const EvaluationReport& report : record.evaluations) {
    const QString epsilon = report.epsilon ? fraction_text(*report.epsilon) : kMissing;
    facts.push_back({tr("ε %1, %2 images").arg(epsilon, number_text(static_cast<double>(report.images))), percent_or_missing(report.robust_accuracy), false,
                     tr("Natural %1\n%2").arg(percent_or_missing(report.natural_accuracy), QString::fromStdString(report.checkpoint))});
  }
  return facts;
}

std::vector<FactList::Fact> event_facts(const RunRecord& record) {
  std::vector<FactList::Fact> facts;
  for (auto event = record.events.rbegin(); event != record.events.rend() && facts.size() < kEventsShown; ++event) {
    const QString time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(event->time * 1000)).toString(QStringLiteral("HH:mm:ss"));
    facts.push_back({QString::fromStdString(event->message), time, event->level != "info", moment_text(event->time)});
  }
  return facts;
}

QString status_reason(const RunEntry& run, double now) {
  const RunCondition& condition = run.condition;
  if (!run.problem.empty()) return QString::fromStdString(run.problem);
  if (condition.status == RunStatus::lost) {
    return condition.heard ? tr("Its trainer is gone; last heard %1.").arg(age_text(now - *condition.heard)) : tr("Its trainer is gone, and was never heard.");
  }
  if (condition.stale) return tr("No sign of life since %1.").arg(moment_text(condition.heard.value_or(0)));
  return condition.reason ? QString::fromStdString(*condition.reason) : QString();
}

QString run_command(const RunEntry& run, const RunRecord* record) {
  if (record) {
    if (const auto argv = record->environment.find("argv"); argv != record->environment.end() && !argv->second.empty()) return QString::fromStdString(argv->second);
  }
  return QStringLiteral("mimir train ") + QString::fromStdString(run.folder.recipe().string());
}

}  // namespace mimir
