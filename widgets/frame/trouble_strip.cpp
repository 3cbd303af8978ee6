#include "widgets/frame/trouble_strip.h"

#include <QCoreApplication>

#include "widgets/format.h"
#include "widgets/session/run_words.h"

namespace mimir {
namespace {

constexpr double kClockSlack = 5;  ///< s a record may be ahead of this machine's clock

QString tr(const char* text) { return QCoreApplication::translate("mimir::Trouble", text); }

}  // namespace

std::optional<Trouble> trouble_of(const QString& workspace, const WorkspaceHealth& health, const QString& selected, const RunEntry* run, double now) {
  if (!health.problem.isEmpty()) return Trouble{Tone::danger, health.problem};
  if (!selected.isEmpty() && !run) {
    return Trouble{Tone::danger, tr("The folder of run %1 is gone, so there is nothing to show of it. Choose another run; the others are as they were.").arg(selected)};
  }
  if (run && !run->problem.empty()) return Trouble{Tone::danger, QString::fromStdString(run->problem)};
  if (health.free && *health.free < WorkspaceHealth::kLowBytes) {
    return Trouble{*health.free == 0 ? Tone::danger : Tone::warning,
                   tr("The disk of %1 has %2 left. A full disk ends a training; remove checkpoints or make room.").arg(workspace, size_text(static_cast<double>(*health.free)))};
  }
  if (!health.writable) {
    return Trouble{Tone::warning, tr("%1 cannot be written. Its runs can be looked at, but none can be started, named, tagged or starred.").arg(workspace)};
  }
  if (run && run->heartbeat && at_work(*run) && run->heartbeat->time > now + kClockSlack) {
    return Trouble{Tone::warning, tr("This machine's clock is %1 behind the last record of %2: it was set back. Steps and values are right; ages and times left are not, until it has caught up.")
                                      .arg(duration_text(run->heartbeat->time - now), run_name(*run))};
  }
  return std::nullopt;
}

}  // namespace mimir
