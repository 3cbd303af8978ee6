#pragma once

#include "widgets/form/form_model.h"
#include "widgets/panels/launch/outlook.h"
#include "widgets/theme/card.h"

class QGridLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace mimir {

class ElidedLabel;
class MessageStrip;

/// What will happen: stages with their time, memory and disk, what differs from the recipe below, the command, the name, Start.
class OutcomeCard : public Card {
  Q_OBJECT

 public:
  explicit OutcomeCard(Theme& theme, QWidget* parent = nullptr);

  void show_outlook(const Outlook& outlook);
  void show_differences(const FormModel& model);
  /// One line as a shell takes it; shown one option a line.
  void show_command(const QStringList& words);
  /// Why it cannot start; empty: it can.
  void set_obstacle(const QString& sentence);
  void set_starting(bool starting);
  void show_failure(const QString& message, const QString& last_lines);
  void hide_failure();
  /// `doing`: what a measurement under way says of itself, empty: none is under way. `verb`: of the button beside the title,
  /// which measures, or cancels; `obstacle`: why it cannot be pressed.
  void show_measuring(const QString& doing, const QString& verb, const QString& obstacle = {});
  /// Empty: nothing went wrong.
  void show_measuring_failure(const QString& sentence);

  QLineEdit& name() { return *name_; }
  QPushButton& start() { return *start_; }
  QPushButton& measure() { return *measure_; }
  const QString& command() const { return command_; }

 private:
  QLabel* heading(const QString& text);
  void show_basis();
  void copy_command();

  Theme* theme_;
  QWidget* stages_;
  QLabel* basis_;
  QString basis_text_, doing_;
  QPushButton* measure_;
  MessageStrip* measuring_failure_;
  QWidget* differences_;
  ElidedLabel* base_;
  QPlainTextEdit* shown_command_;
  QString command_;
  QLineEdit* name_;
  QPushButton* start_;
  MessageStrip* failure_;
  bool startable_ = true;
  bool starting_ = false;
};

}  // namespace mimir
