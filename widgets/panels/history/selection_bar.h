#pragma once

#include <QWidget>
#include <functional>

#include "widgets/theme/theme.h"

class QAction;
class QLabel;
class QLineEdit;
class QStackedWidget;

namespace mimir {

/// Below the table: what is selected and what can be done with it, or a field that an action asks for one text in.
class SelectionBar : public QWidget {
  Q_OBJECT

 public:
  SelectionBar(Theme& theme, const QList<QAction*>& actions, QWidget* parent = nullptr);

  /// Hidden while nothing is selected and nothing is asked.
  void show_selection(const QStringList& names);
  /// Enter calls `done` with the text, Escape or a click elsewhere does not.
  void ask(const QString& question, const QString& text, const QStringList& proposals, std::function<void(const QString&)> done);

 Q_SIGNALS:
  /// The question was answered or given up.
  void answered();

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void close_question();

  Theme* theme_;
  QStackedWidget* pages_;
  QLabel *count_, *names_, *question_;
  QLineEdit* field_;
  std::function<void(const QString&)> done_;
  bool any_ = false;
};

}  // namespace mimir
