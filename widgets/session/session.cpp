#include "widgets/session/session.h"

namespace mimir {
namespace {

constexpr int kShownAtMost = 20;
constexpr int kUndoSteps = 100;

}  // namespace

Session::Session(Theme& theme, Workspace workspace, QObject* parent)
    : QObject(parent), theme_(&theme), library_(std::move(workspace)) {
  undo_.setUndoLimit(kUndoSteps);
}

void Session::select_run(const QString& id) {
  if (run_ == id) return;
  run_ = id;
  if (!id.isEmpty() && !shown_.contains(id)) {
    QStringList shown = shown_;
    shown.prepend(id);
    show_runs(shown);
  }
  Q_EMIT run_selected(id);
}

void Session::show_runs(const QStringList& ids) {
  QStringList shown = ids;
  shown.removeDuplicates();
  while (shown.size() > kShownAtMost) shown.removeLast();
  if (shown == shown_) return;
  shown_ = shown;
  library_.watch(shown_);
  Q_EMIT shown_runs_changed();
}

void Session::set_cursor(std::optional<Cursor> cursor) {
  if (cursor_ == cursor) return;
  cursor_ = std::move(cursor);
  Q_EMIT cursor_changed();
}

void Session::set_view(const QString& place, const QJsonObject& view) {
  if (this->view(place) == view) return;
  views_[place] = view;
  Q_EMIT views_changed();
}

int Session::colour_index(const QString& id) {
  const RunEntry* entry = library_.find(id);
  if (!entry) return 0;
  const auto chosen = [](const RunEntry& run) {
    bool is_index = false;
    const int index = QString::fromStdString(run.annotations.colour).toInt(&is_index);
    return is_index ? std::optional(index) : std::nullopt;
  };
  if (const auto index = chosen(*entry)) return *index;
  if (const auto given = given_colours_.find(id); given != given_colours_.end()) return given->second;
  int next = 0;
  for (const RunEntry& other : library_.runs()) next = std::max(next, chosen(other).value_or(-1) + 1);
  for (const auto& [other, index] : given_colours_) next = std::max(next, index + 1);
  given_colours_[id] = next;
  if (keeps_colours_) library_.annotate(id, [next](Annotations& annotations) { annotations.colour = std::to_string(next); });
  return next;
}

}  // namespace mimir
