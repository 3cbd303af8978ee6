#pragma once

#include <QTimer>

#include "widgets/panels/history/fact_list.h"
#include "widgets/session/run_library.h"
#include "widgets/theme/card.h"

class QGridLayout;
class QHBoxLayout;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QScrollArea;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace mimir {

class ElidedLabel;
class MetricPlot;
class StatusPill;

/// All of one run beside the table. Says what the user wants done in signals, and does none of it.
class RunDetail : public Card {
  Q_OBJECT

 public:
  explicit RunDetail(Theme& theme, QWidget* parent = nullptr);

  /// `run` nullptr: nothing is chosen. `record` may not have been read yet; `other`: the run that differences are to.
  /// `colour`: the run's index in the palette.
  void show_run(const RunEntry* run, const RunRecord* record, const RunEntry* other, int colour);
  /// Writes a note that is still being typed.
  void save_note();

 Q_SIGNALS:
  void star_wanted(const QString& id, bool star);
  void note_changed(const QString& id, const QString& note);
  void copy_wanted(const QString& text);
  void folder_wanted(const QString& id);
  void monitor_wanted(const QString& id);

 private:
  struct Section {
    QWidget* all;
    QHBoxLayout* head;
    ElidedLabel* caption;
    FactList* facts;
  };
  Section add_section(const QString& title);
  void add_identity(QVBoxLayout* layout);
  void add_note(QVBoxLayout* layout);
  void show_identity(const RunEntry& run);
  void show_recipe();
  void show_figures(const RunEntry& run);
  void show_curve(const RunEntry& run, const RunRecord* record, int colour);
  void show_section(const Section& section, std::vector<FactList::Fact> facts);

  Theme* theme_;
  QString id_;
  bool starred_ = false;
  QStackedWidget* pages_;
  QScrollArea* scroll_;
  QWidget* content_;
  ElidedLabel *name_, *tags_;
  QLabel *folder_, *reason_;
  QToolButton* star_;
  StatusPill* pill_;
  QGridLayout* figures_;
  MetricPlot* curve_;
  QString curve_of_;  ///< run and metric that it draws
  Section recipe_, checkpoints_, evaluations_, environment_, events_;
  QPushButton* whole_recipe_;
  std::vector<FactList::Fact> recipe_lines_;
  bool compared_ = false;  // with another run
  QPlainTextEdit* note_;
  QTimer note_timer_;
  bool note_typed_ = false;  // and not yet given on
  QLabel* command_;
};

}  // namespace mimir
