#include "widgets/panels/launch/outlook.h"

#include <unistd.h>

#include <QCoreApplication>
#include <QLocale>
#include <QPointer>
#include <QThreadPool>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "widgets/panels/launch/estimate.h"
#include "widgets/panels/launch/measurement.h"
#include "widgets/session/run_words.h"

namespace mimir {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("mimir::Outlook", text); }

/// Bytes of all files below; what vanishes meanwhile does not count. Blocks.
double folder_size(const std::filesystem::path& folder) {
  double bytes = 0;
  std::error_code error;
  auto files = std::filesystem::recursive_directory_iterator(folder, error);
  for (const decltype(files) end; !error && files != end; files.increment(error)) {
    std::error_code gone;
    if (files->is_regular_file(gone)) {
      const auto size = files->file_size(gone);
      if (!gone) bytes += static_cast<double>(size);
    }
  }
  return bytes;
}

/// Of the workspace's disk, or of the nearest folder above it that is there. Blocks.
std::optional<double> free_below(std::filesystem::path folder) {
  while (true) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (!error) return static_cast<double>(space.available);
    if (!folder.has_relative_path()) return std::nullopt;
    folder = folder.parent_path();
  }
}

QString basis_of(const Measurement& measured, const QStringList& disk) {
  QString basis = tr("Measured on this machine at %1").arg(QLocale().toString(measured.time.time(), QLocale::ShortFormat));
  basis += measured.beside ? tr(", beside a training at work: alone it is faster.") : QStringLiteral(".");
  return disk.isEmpty() ? basis : tr("%1 Disk from %2.").arg(basis, disk.front());
}

QString basis_of(const Outlook& outlook, const QStringList& sources, bool scaled) {
  const bool any = std::any_of(outlook.stages.begin(), outlook.stages.end(), [](const PlannedStage& stage) { return stage.seconds.has_value(); });
  const bool all = std::all_of(outlook.stages.begin(), outlook.stages.end(), [](const PlannedStage& stage) { return stage.seconds.has_value(); });
  if (outlook.stages.empty()) return {};
  if (!any && sources.isEmpty()) return tr("What it takes is not known until a recipe like it has run once on this machine, or this one is measured.");
  QString basis = tr("From %1").arg(sources.join(tr(" and ")));
  if (scaled) basis += tr(", in proportion to the steps of the attack");
  return basis + (all ? QStringLiteral(".") : tr("; the other stages have not run with such a model yet."));
}

}  // namespace

std::vector<FormProblem> problems_of(const nlohmann::json& answer) {
  std::vector<FormProblem> problems;
  for (const nlohmann::json& entry : answer.value("problems", nlohmann::json::array())) {
    const auto text = [&](const char* key) { return QString::fromStdString(entry.value(key, std::string())); };
    problems.push_back({text("field"), text("severity") == QLatin1String("warning") ? Severity::warning : Severity::error, text("message"), {}});
  }
  return problems;
}

std::vector<PlannedStage> planned_stages(const nlohmann::json& answer) {
  std::vector<PlannedStage> stages;
  for (const nlohmann::json& entry : answer.value("stages", nlohmann::json::array())) {
    const auto count = [&](const char* key) {
      const auto found = entry.find(key);
      return found != entry.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>()) : std::nullopt;
    };
    stages.push_back({QString::fromStdString(entry.value("name", std::string())), count("epochs"), count("steps"), std::nullopt, std::nullopt});
  }
  return stages;
}

DiskUse::DiskUse(std::filesystem::path workspace, QObject* parent) : QObject(parent), workspace_(std::move(workspace)) {}

std::optional<double> DiskUse::of(const RunEntry& run) {
  if (const auto known = sizes_.find(run.id); known != sizes_.end()) return *known;
  if (asked_.contains(run.id)) return std::nullopt;
  asked_.insert(run.id);
  QThreadPool::globalInstance()->start([guard = QPointer<DiskUse>(this), id = run.id, folder = run.folder.path(), workspace = workspace_] {
    const double bytes = folder_size(folder);
    const auto free = free_below(workspace);
    QMetaObject::invokeMethod(QCoreApplication::instance(), [guard, id, bytes, free] {
      if (!guard) return;
      guard->sizes_.insert(id, bytes);
      guard->free_ = free;
      Q_EMIT guard->changed();
    });
  });
  return std::nullopt;
}

Outlook outlook_of(const FormModel& model, const std::vector<PlannedStage>& plan, const std::vector<RunEntry>& runs, DiskUse& disk, const Measurement* measured) {
  const auto recipe = model.draft().resolved(model.schema());
  const bool stale = measured && measured->base == model.draft().base && !(recipe && measured->holds_for(*recipe));
  if (measured && !(recipe && measured->holds_for(*recipe))) measured = nullptr;
  Outlook outlook;
  QStringList sources;
  bool scaled = false;
  for (PlannedStage stage : plan) {
    if (!model.draft().has_stage(stage.name)) continue;
    if (recipe) {
      if (stage.name == QLatin1String("evaluate") && recipe->evaluate) stage.images = recipe->evaluate->images;
      if (const Measurement::Stage* known = measured ? measured->stage(stage.name) : nullptr) {
        stage.seconds = known->seconds;
        stage.steps = known->steps;
      } else if (const auto estimate = estimate_stage(*recipe, stage.name.toStdString(), stage.steps, runs)) {
        stage.seconds = estimate->seconds;
        if (!stage.steps) stage.steps = estimate->steps;
        scaled = scaled || estimate->scaled;
        sources += estimate->run;
      }
    }
    outlook.stages.push_back(stage);
  }
  if (plan.empty()) {
    for (const QString& section : form_sections()) {
      if (is_stage(section) && model.draft().has_stage(section)) outlook.stages.push_back({section, std::nullopt, std::nullopt, std::nullopt, std::nullopt});
    }
  }
  if (recipe) {
    if (measured) {
      outlook.memory = measured->memory;
    } else if (const auto memory = estimate_memory(*recipe, runs)) {
      outlook.memory = memory->bytes;
      sources += memory->run;
    }
    if (const RunEntry* run = run_of_like_size(*recipe, runs)) {
      outlook.disk = disk.of(*run);
      sources += run_name(*run);
    }
  }
  outlook.memory_total = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  outlook.disk_free = disk.free_bytes();
  sources.removeDuplicates();
  if (plan.empty()) return outlook;  // the check is still under way
  outlook.basis = measured ? basis_of(*measured, sources) : basis_of(outlook, sources, scaled);
  if (stale) outlook.basis += QLatin1Char(' ') + tr("The recipe has been changed since it was measured.");
  return outlook;
}

}  // namespace mimir
