#pragma once

#include <QComboBox>
#include <optional>
#include <vector>

namespace mimir {

class Session;
struct RunEntry;
struct RunRecord;

/// A choice of what a model is read from, as the worker takes it for the option `run`: a path of a checkpoint, or a run's id. Files that
/// are gone are taken off the list, looked at beside the window.
class CheckpointCombo : public QComboBox {
  Q_OBJECT

 public:
  enum class Kind {
    own,     ///< checkpoints of the selected run; first: the run's own choice ("")
    beside,  ///< nothing ("") first, then checkpoints of the selected run, then the other runs
  };
  /// `stage`: only checkpoints of this one ("pretrain"); empty: of all.
  CheckpointCombo(Session& session, Kind kind, const QString& stage = {}, QWidget* parent = nullptr);

  QString choice() const { return currentData().toString(); }
  /// Emits nothing.
  void set_choice(const QString& choice);
  void showPopup() override;

 Q_SIGNALS:
  /// By the user, or because the choice is gone.
  void chosen(const QString& choice);
  /// The run's own choice is looked at and may be another one now: it has a checkpoint more of the stage.
  void written();

 private:
  /// Without a text: a line between others.
  struct Row {
    QString text, data;
    bool operator==(const Row&) const = default;
  };
  std::vector<Row> listed(const RunEntry* run, const RunRecord* record) const;
  void fill();
  void look_for_files();

  Session* session_;
  Kind kind_;
  QString stage_;
  std::vector<Row> rows_;
  QString filled_run_;
  std::optional<std::size_t> known_;  ///< checkpoints of that run; none: not read yet
};

}  // namespace mimir
