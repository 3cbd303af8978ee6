#pragma once

#include <QDialog>

#include "widgets/plot/plot_export.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSpinBox;

namespace mimir {

/// Asks how a plot is to be written, and writes it. Remembers the choices.
class ExportDialog : public QDialog {
  Q_OBJECT

 public:
  ExportDialog(MetricPlot& plot, QWidget* parent = nullptr);

  PlotExport options() const;
  void set_options(const PlotExport& options);

 private:
  void choose_file();
  void show_what_applies();
  void change_unit();
  double px_per_unit() const;

  MetricPlot* plot_;
  QComboBox* format_;
  QDoubleSpinBox* width_;
  QDoubleSpinBox* height_;
  QComboBox* unit_;
  double unit_px_ = 1;  ///< of the numbers that stand in the fields
  QComboBox* scale_;
  QSpinBox* font_;
  QComboBox* ground_;
  QCheckBox* title_;
  QCheckBox* legend_;
  QCheckBox* thinned_;
  QLabel* problem_;
};

}  // namespace mimir
