#pragma once

#include <optional>
#include <vector>

#include "widgets/form/form_model.h"
#include "widgets/theme/card.h"

class QGridLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace mimir {

class ElidedLabel;
class MessageStrip;

/// A stage of the run to come.
struct PlannedStage {
  QString name;                       ///< pretrain finetune evaluate
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> steps;
  std::optional<double> seconds;      ///< estimated
  std::optional<std::int64_t> images;  ///< of evaluate; 0: all
};

/// What will happen: stages with their time, what differs from the recipe below, the command, the name, Start.
class OutcomeCard : public Card {
  Q_OBJECT

 public:
  explicit OutcomeCard(Theme& theme, QWidget* parent = nullptr);

  /// `source`: the run whose speed the times come from; empty: none.
  void show_stages(const std::vector<PlannedStage>& stages, const QString& source);
  void show_differences(const FormModel& model);
  /// One line as a shell takes it; shown one option a line.
  void show_command(const QStringList& words);
  /// Why it cannot start; empty: it can.
  void set_obstacle(const QString& sentence);
  void set_starting(bool starting);
  void show_failure(const QString& message, const QString& last_lines);
  void hide_failure();

  QLineEdit& name() { return *name_; }
  QPushButton& start() { return *start_; }
  const QString& command() const { return command_; }

 private:
  QLabel* heading(const QString& text);
  void copy_command();

  Theme* theme_;
  QWidget* stages_;
  QLabel* total_;
  QWidget* differences_;
  ElidedLabel* base_;
  QPlainTextEdit* shown_command_;
  QString command_;
  QLineEdit* name_;
  QPushButton* start_;
  MessageStrip* failure_;
  bool startable_ = true;
};

}  // namespace mimir
