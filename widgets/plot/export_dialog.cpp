#include "widgets/plot/export_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

#include "widgets/format.h"
#include "widgets/plot/metric_plot.h"

namespace mimir {
namespace {

constexpr double kPxPerMm = 96 / 25.4;
constexpr double kSmallest = 160, kLargest = 8000;  // px
constexpr const char* kEndings[] = {"svg", "pdf", "png", "csv"};

QString key(const char* name) { return QStringLiteral("plots/export/") + QLatin1String(name); }

}  // namespace

ExportDialog::ExportDialog(MetricPlot& plot, QWidget* parent) : QDialog(parent), plot_(&plot) {
  setWindowTitle(tr("Export %1").arg(plot.data().title));
  const auto combo = [this](const QStringList& items, const QString& name) {
    auto* box = new QComboBox(this);
    box->addItems(items);
    box->setAccessibleName(name);
    return box;
  };
  format_ = combo({tr("SVG, vector"), tr("PDF, vector"), tr("PNG, pixels"), tr("CSV, all raw points")}, tr("Format"));
  unit_ = combo({tr("px"), tr("mm")}, tr("Unit of width and height"));
  scale_ = combo({QStringLiteral("1×"), QStringLiteral("2×"), QStringLiteral("4×")}, tr("Resolution"));
  ground_ = combo({tr("Light"), tr("Dark")}, tr("Ground"));
  const auto length = [this](const QString& name) {
    auto* box = new QDoubleSpinBox(this);
    box->setDecimals(0);
    box->setRange(kSmallest, kLargest);
    box->setAccessibleName(name);
    return box;
  };
  width_ = length(tr("Width"));
  height_ = length(tr("Height"));
  font_ = new QSpinBox(this);
  font_->setRange(6, 32);
  font_->setSuffix(tr(" px"));
  font_->setAccessibleName(tr("Font size"));
  title_ = new QCheckBox(tr("Title"), this);
  legend_ = new QCheckBox(tr("Legend"), this);
  thinned_ = new QCheckBox(tr("Leave out points that cannot be told apart"), this);
  problem_ = new QLabel(this);
  problem_->setWordWrap(true);
  problem_->hide();

  auto* size_row = new QHBoxLayout;
  size_row->setSpacing(8);
  size_row->addWidget(width_, 1);
  size_row->addWidget(new QLabel(QStringLiteral("×"), this));
  size_row->addWidget(height_, 1);
  size_row->addWidget(unit_);
  auto* form = new QFormLayout;
  form->setSpacing(8);
  form->addRow(tr("Format"), format_);
  form->addRow(tr("Size"), size_row);
  form->addRow(tr("Resolution"), scale_);
  form->addRow(tr("Font size"), font_);
  form->addRow(tr("Ground"), ground_);
  form->addRow(QString(), title_);
  form->addRow(QString(), legend_);
  form->addRow(QString(), thinned_);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  QPushButton* write = buttons->addButton(tr("Export…"), QDialogButtonBox::AcceptRole);
  write->setProperty("kind", QStringLiteral("primary"));
  write->setDefault(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->setSpacing(16);
  layout->addLayout(form);
  layout->addWidget(problem_);
  layout->addWidget(buttons);

  connect(format_, &QComboBox::currentIndexChanged, this, &ExportDialog::show_what_applies);
  connect(unit_, &QComboBox::currentIndexChanged, this, &ExportDialog::change_unit);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, &ExportDialog::choose_file);

  const QSettings settings;
  PlotExport last;
  last.format = static_cast<PlotFormat>(std::clamp(settings.value(key("format"), 0).toInt(), 0, 3));
  last.size = settings.value(key("size"), last.size).toSize().boundedTo(QSize(kLargest, kLargest));
  last.png_scale = settings.value(key("scale"), last.png_scale).toInt();
  last.font_size = settings.value(key("font"), last.font_size).toInt();
  last.dark = settings.value(key("dark"), last.dark).toBool();
  last.title = settings.value(key("title"), last.title).toBool();
  last.legend = settings.value(key("legend"), last.legend).toBool();
  last.thinned = settings.value(key("thinned"), last.thinned).toBool();
  set_options(last);
  unit_->setCurrentIndex(settings.value(key("mm"), false).toBool() ? 1 : 0);
}

double ExportDialog::px_per_unit() const { return unit_->currentIndex() == 1 ? kPxPerMm : 1; }

void ExportDialog::change_unit() {
  const double factor = unit_px_ / px_per_unit();
  unit_px_ = px_per_unit();
  for (QDoubleSpinBox* box : {width_, height_}) {
    const double value = box->value() * factor;
    box->setDecimals(unit_px_ == 1 ? 0 : 1);
    box->setRange(kSmallest / unit_px_, kLargest / unit_px_);
    box->setValue(value);
  }
}

void ExportDialog::show_what_applies() {
  const PlotFormat format = static_cast<PlotFormat>(format_->currentIndex());
  const bool picture = format != PlotFormat::csv;
  for (QWidget* widget : {static_cast<QWidget*>(width_), static_cast<QWidget*>(height_), static_cast<QWidget*>(unit_), static_cast<QWidget*>(font_),
                          static_cast<QWidget*>(ground_), static_cast<QWidget*>(title_), static_cast<QWidget*>(legend_)}) {
    widget->setEnabled(picture);
  }
  scale_->setEnabled(format == PlotFormat::png);
  thinned_->setEnabled(format == PlotFormat::svg || format == PlotFormat::pdf);
}

PlotExport ExportDialog::options() const {
  PlotExport options;
  options.format = static_cast<PlotFormat>(format_->currentIndex());
  options.size = QSize(qRound(width_->value() * px_per_unit()), qRound(height_->value() * px_per_unit()));
  options.png_scale = 1 << scale_->currentIndex();
  options.font_size = font_->value();
  options.dark = ground_->currentIndex() == 1;
  options.title = title_->isChecked();
  options.legend = legend_->isChecked();
  options.thinned = thinned_->isChecked();
  return options;
}

void ExportDialog::set_options(const PlotExport& options) {
  format_->setCurrentIndex(static_cast<int>(options.format));
  width_->setValue(options.size.width() / px_per_unit());
  height_->setValue(options.size.height() / px_per_unit());
  scale_->setCurrentIndex(options.png_scale >= 4 ? 2 : options.png_scale - 1);
  font_->setValue(options.font_size);
  ground_->setCurrentIndex(options.dark ? 1 : 0);
  title_->setChecked(options.title);
  legend_->setChecked(options.legend);
  thinned_->setChecked(options.thinned);
  show_what_applies();
}

void ExportDialog::choose_file() {
  const PlotExport chosen = options();
  const QString ending = QLatin1String(kEndings[static_cast<int>(chosen.format)]);
  QString name = plot_->data().title.toLower();
  name.replace(QLatin1Char(' '), QLatin1Char('-')).remove(QLatin1Char('/'));
  QSettings settings;
  const QString folder = settings.value(key("folder"), QDir::homePath()).toString();
  QString path = QFileDialog::getSaveFileName(this, tr("Export plot"), QDir(folder).filePath(name + QLatin1Char('.') + ending),
                                              QStringLiteral("%1 (*.%2)").arg(ending.toUpper(), ending));
  if (path.isEmpty()) return;
  if (QFileInfo(path).suffix().isEmpty()) path += QLatin1Char('.') + ending;
  if (const auto written = write_plot(*plot_, path, chosen); !written) {
    problem_->setText(sentence_text(written.error().message));
    problem_->show();
    return;
  }
  settings.setValue(key("folder"), QFileInfo(path).absolutePath());
  settings.setValue(key("format"), static_cast<int>(chosen.format));
  settings.setValue(key("size"), chosen.size);
  settings.setValue(key("mm"), unit_->currentIndex() == 1);
  settings.setValue(key("scale"), chosen.png_scale);
  settings.setValue(key("font"), chosen.font_size);
  settings.setValue(key("dark"), chosen.dark);
  settings.setValue(key("title"), chosen.title);
  settings.setValue(key("legend"), chosen.legend);
  settings.setValue(key("thinned"), chosen.thinned);
  accept();
}

}  // namespace mimir
