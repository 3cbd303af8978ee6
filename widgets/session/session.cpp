#include "widgets/session/session.h"

namespace mimir {
namespace {

constexpr int kShownAtMost = 20;
constexpr int kUndoSteps = 100;

}  // namespace

Session::Session(Theme& theme, Workspace workspace, QObject* parent)
    : QObject(parent), theme_(&theme), library_(std::move(workspace)),
      worker_(Worker::local_command(QString::fromStdString(library_.workspace().path().string()))) {
  connect(&worker_, &Worker::said, this, &Session::message_wanted);
  undo_.setUndoLimit(kUndoSteps);
}

void Session::select_run(const QString& id) {
  if (run_ == id) return;
  run_ = id;
  select_checkpoint({});
  if (!id.isEmpty() && !shown_.contains(id)) {
    QStringList shown = shown_;
    shown.prepend(id);
    show_runs(shown);
  }
  Q_EMIT run_selected(id);
}

void Session::select_checkpoint(const QString& path) {
  if (checkpoint_ == path) return;
  checkpoint_ = path;
  Q_EMIT checkpoint_selected(path);
}

void Session::select_image(const ImageChoice& image) {
  if (image_ == image) return;
  image_ = image;
  Q_EMIT image_selected();
}

void Session::set_attack(nlohmann::json options) {
  if (attack_ == options) return;
  attack_ = std::move(options);
  Q_EMIT attack_changed();
}

void Session::run_again(const QString& id, const QString& parameter) {
  open_place(QStringLiteral("launch"));
  Q_EMIT run_again_wanted(id, parameter);
}

nlohmann::json Session::question() const {
  const QString model = checkpoint_.isEmpty() ? run_ : checkpoint_;
  if (model.isEmpty()) return nlohmann::json::object();
  return {{"run", model.toStdString()},
          {"split", image_.split.toStdString()},
          {"image", image_.file.isEmpty() ? std::to_string(image_.index) : image_.file.toStdString()}};
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
  if (keeps_colours_ && library_.health().writable) library_.annotate(id, [next](Annotations& annotations) { annotations.colour = std::to_string(next); });
  return next;
}

}  // namespace mimir
