#pragma once

#include <deque>
#include <optional>

#include "widgets/panels/monitor/system_meter.h"
#include "widgets/session/run_library.h"
#include "widgets/theme/card.h"

namespace mimir {

/// A name, a value, and below a bar of how much of the whole that is: the trainer's part, then that of all others.
/// Under the pointer or the focus it shows the last ten minutes.
class MeterRow : public QWidget {
  Q_OBJECT

 public:
  MeterRow(Theme& theme, const QString& name, bool bar, QWidget* parent = nullptr);
  ~MeterRow() override;

  struct Reading {
    QString value;
    std::optional<double> share;  ///< of the machine, 0 to 1; none: the bar is empty
    double trainer = 0;           ///< the trainer's part of the machine, up to `share`
    QString words;                ///< the same in a sentence, for tooltip and screen reader
  };
  /// A reading of a row with a bar is also kept for the ten minutes.
  void show_reading(const Reading& reading);
  const QString& value() const { return reading_.value; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void enterEvent(QEnterEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  class History;
  void show_history();
  void hide_history();

  Theme* theme_;
  QString name_;
  bool bar_;
  Reading reading_;
  std::deque<Reading> past_;  ///< one a second, the newest last
  History* history_ = nullptr;
};

/// What the machine and the trainer use, and how fast the trainer is.
class SystemCard : public Card {
  Q_OBJECT

 public:
  SystemCard(Theme& theme, const std::filesystem::path& workspace, QWidget* parent = nullptr);

  /// The run that is looked at; its stage's metrics are read. `now`: seconds since 1970.
  void show_run(const RunEntry* run, const QString& stage, double now);
  void show_sample(const SystemSample& sample);

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  MeterRow* add(const QString& name, bool bar);

  Theme* theme_;
  SystemMeter meter_;
  QString run_;
  std::optional<double> heartbeat_memory_;  ///< bytes, of a trainer on another machine
  MeterRow *cpu_, *memory_, *disk_, *rate_, *wait_, *heard_;
};

}  // namespace mimir
