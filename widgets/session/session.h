#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QUndoStack>
#include <map>
#include <optional>

#include "widgets/session/run_library.h"
#include "widgets/session/worker.h"
#include "widgets/theme/theme.h"

namespace mimir {

/// The picture that the inspecting places look at: one of the run's data set, or one of the user's own.
struct ImageChoice {
  QString split = QStringLiteral("test");
  std::int64_t index = 0;  ///< in the split
  QString file;            ///< path of a PNG or JPEG; not empty: this and not the two above
  bool operator==(const ImageChoice&) const = default;
};

/// What all places share: the runs, what is selected, the theme. Panels set and read it and do not know one another.
class Session : public QObject {
  Q_OBJECT

 public:
  Session(Theme& theme, Workspace workspace, QObject* parent = nullptr);

  Theme& theme() const { return *theme_; }
  RunLibrary& library() { return library_; }
  /// What can be taken back: Edit > Undo. 100 steps.
  QUndoStack& undo() { return undo_; }

  /// The run that is looked at; empty: none.
  const QString& run() const { return run_; }
  void select_run(const QString& id);

  /// A checkpoint or weights file that is looked at in place of the run's own choice, as the worker names it; empty: the
  /// run's, which is another one for a reconstruction than for an attack. Choosing a run forgets it.
  const QString& checkpoint() const { return checkpoint_; }
  void select_checkpoint(const QString& path);
  const ImageChoice& image() const { return image_; }
  void select_image(const ImageChoice& image);
  /// The attack as it was last run, as options of the worker's kind `attack` without run, image and trajectory (attack,
  /// norm, epsilon, set, objective, target, seed); empty: none yet.
  const nlohmann::json& attack() const { return attack_; }
  void set_attack(nlohmann::json options);
  /// Computes what needs a model. What it says of itself comes as message_wanted.
  Worker& worker() { return worker_; }
  /// The options run, split and image of a question about the selection; empty: neither a run nor a checkpoint is chosen.
  nlohmann::json question() const;

  /// Runs drawn in the plots, in order; the selected one is always among them. 20 at most.
  const QStringList& shown_runs() const { return shown_; }
  void show_runs(const QStringList& ids);

  /// The step all crosshairs and scrubbers stand at, of a stage; none: they follow the end.
  struct Cursor {
    QString stage;
    std::int64_t step = 0;
    bool operator==(const Cursor&) const = default;
  };
  const std::optional<Cursor>& cursor() const { return cursor_; }
  void set_cursor(std::optional<Cursor> cursor);

  /// Palette index of a run; given when the run is first shown, kept in its annotations.
  int colour_index(const QString& id);
  /// false: what is merely looked at stays as it is (screenshots, benchmarks); colours last as long as this does.
  void set_keeps_colours(bool keeps) { keeps_colours_ = keeps; }

  /// How a place was left: what is open, which columns. The frame keeps it from one start to the next; empty at the
  /// first, and where nothing is remembered.
  QJsonObject view(const QString& place) const { return views_.value(place).toObject(); }
  void set_view(const QString& place, const QJsonObject& view);
  const QJsonObject& views() const { return views_; }
  /// Before the first place is made; emits nothing.
  void set_views(const QJsonObject& views) { views_ = views; }

  /// Asks the frame to show a place: launch, monitor, reconstruction, attack-lab, attention, history.
  void open_place(const QString& place) { Q_EMIT place_wanted(place); }
  /// Asks Launch for the recipe of a run, with one parameter, "finetune.learning_rate", ready to be changed; empty: none.
  void run_again(const QString& id, const QString& parameter = {});
  /// One sentence for the user about something that happened elsewhere.
  void say(const QString& message) { Q_EMIT message_wanted(message); }

 Q_SIGNALS:
  void run_selected(const QString& id);
  void checkpoint_selected(const QString& path);
  void image_selected();
  void attack_changed();
  void shown_runs_changed();
  void cursor_changed();
  void views_changed();
  void place_wanted(const QString& place);
  void run_again_wanted(const QString& id, const QString& parameter);
  void message_wanted(const QString& message);

 private:
  Theme* theme_;
  RunLibrary library_;
  QUndoStack undo_;
  Worker worker_;
  QString run_;
  QString checkpoint_;
  ImageChoice image_;
  nlohmann::json attack_ = nlohmann::json::object();
  QStringList shown_;
  std::optional<Cursor> cursor_;
  QJsonObject views_;  ///< by place
  std::map<QString, int> given_colours_;  ///< until the annotation has come back
  bool keeps_colours_ = true;
};

}  // namespace mimir
