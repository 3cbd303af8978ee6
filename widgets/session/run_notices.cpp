#include "widgets/session/run_notices.h"

#include "core/store/clock.h"
#include "widgets/format.h"
#include "widgets/session/run_words.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

QString reached(const RunEntry& run) {
  const auto metric = [&](const char* name) {
    const auto found = run.metrics.find(name);
    return found == run.metrics.end() ? std::nullopt : std::optional(found->second);
  };
  for (const auto& [natural, robust] : {std::pair("evaluate/natural_accuracy", "evaluate/robust_accuracy"), std::pair("finetune/natural_accuracy", "finetune/robust_accuracy")}) {
    const auto clean = metric(natural), attacked = metric(robust);
    if (clean && attacked) return RunNotices::tr("%1 natural, %2 robust accuracy").arg(percent_text(*clean), percent_text(*attacked));
  }
  return RunNotices::tr("All of its stages are done.");
}

std::optional<RunNotice> notice_of(const RunEntry& run) {
  const QString name = run_name(run), reason = sentence_text(run.condition.reason.value_or(std::string()));
  switch (run.condition.status) {
    case RunStatus::finished: return RunNotice{run.id, RunNotices::tr("%1 finished").arg(name), reached(run), Tone::ok};
    case RunStatus::failed:
      return RunNotice{run.id, (run.condition.code == "diverged" ? RunNotices::tr("%1 diverged") : RunNotices::tr("%1 failed")).arg(name),
                       reason.isEmpty() ? RunNotices::tr("Its log says more.") : reason, Tone::danger};
    case RunStatus::lost:
      return RunNotice{run.id, RunNotices::tr("%1 is lost").arg(name), RunNotices::tr("Its trainer is gone without a word; mimir resume %1 goes on from the last checkpoint.").arg(run.id), Tone::warning};
    default: return std::nullopt;
  }
}

}  // namespace

RunNotices::RunNotices(Session& session, QObject* parent) : QObject(parent), session_(&session), begun_(seconds_since_1970()) {
  connect(&session.library(), &RunLibrary::runs_changed, this, &RunNotices::look);
  look();
}

void RunNotices::look() {
  if (!session_->library().complete()) return;
  const bool first = !std::exchange(looked_, true);
  std::map<QString, RunStatus> now;
  std::vector<RunNotice> news;
  for (const RunEntry& run : session_->library().runs()) {
    now[run.id] = run.condition.status;
    const auto before = known_.find(run.id);
    // One that came and went between two looks is news; one that was copied here is not.
    const bool was_at_work = before != known_.end() ? before->second != run.condition.status && (before->second == RunStatus::starting || before->second == RunStatus::running ||
                                                                                               before->second == RunStatus::paused || before->second == RunStatus::queued)
                                                    : !first && run.created >= begun_;
    if (!was_at_work || run.annotations.trash) continue;
    if (auto notice = notice_of(run)) news.push_back(std::move(*notice));
  }
  known_ = std::move(now);
  for (const RunNotice& notice : news) Q_EMIT noticed(notice);
}

}  // namespace mimir
