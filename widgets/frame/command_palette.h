#pragma once

#include <QWidget>

#include "widgets/frame/palette_model.h"
#include "widgets/theme/theme.h"

class QLineEdit;
class QListView;

namespace mimir {

/// One field over places, actions and runs. Lies over the window it is made for; Esc or a click beside it closes it.
class CommandPalette : public QWidget {
  Q_OBJECT

 public:
  CommandPalette(Theme& theme, QWidget* window);

  PaletteModel& model() { return *model_; }
  /// `typed` stands in the field already: "#" to choose a run.
  void open(std::vector<PaletteModel::Entry> entries, const QString& typed = {});
  void close_palette();

 Q_SIGNALS:
  void place_chosen(const QString& id);
  void run_chosen(const QString& id);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  void look();
  void move_by(int step);
  void choose(int row);
  void fit();
  QRect panel() const;

  Theme* theme_;
  PaletteModel* model_;
  QLineEdit* field_;
  QListView* list_;
  QPointer<QWidget> before_;  ///< had the focus
};

}  // namespace mimir
