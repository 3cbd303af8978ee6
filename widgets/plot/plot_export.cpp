#include "widgets/plot/plot_export.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <cmath>

#include "core/base/text.h"
#include "widgets/plot/metric_plot.h"
#include "widgets/plot/plot_canvas.h"
#include "widgets/plot/plot_header.h"

namespace mimir {
namespace {

constexpr double kDotsPerInch = 96;
constexpr double kPointsPerInch = 72;
constexpr double kLegendFont = font::kCaption.px;

QString text(const char* source) { return QCoreApplication::translate("mimir::PlotExport", source); }

/// Title and legend above the axes; returns their height.
double draw_head(QPainter& painter, const PlotData& data, const PlotStyle& style, const PlotExport& options) {
  const Tokens& t = style.tokens();
  const double scale = style.scale(), margin = 8 * scale, width = options.size.width();
  double y = 4 * scale;
  if (options.title) {
    painter.setFont(style.font(font::kHeading));
    painter.setPen(Theme::colour(t.text));
    const QFontMetricsF metrics(painter.font());
    painter.drawText(QPointF(margin, y + metrics.ascent()), data.title);
    const double left = margin + metrics.horizontalAdvance(data.title) + 8 * scale;
    painter.setFont(style.font(font::kCaption));
    painter.setPen(Theme::colour(t.text3));
    painter.drawText(QPointF(left, y + metrics.ascent()), data.unit);
    y += metrics.height() + 4 * scale;
  }
  if (options.legend) {
    painter.setFont(style.font(font::kCaption));
    const QFontMetricsF metrics(painter.font());
    double x = margin;
    const auto curves = data.visible_curves();
    for (const PlotCurve* curve : curves) {
      const QString name = data.curve_name(*curve);
      const double needed = 22 * scale + metrics.horizontalAdvance(name) + 14 * scale;
      if (x > margin && x + needed > width) {
        x = margin;
        y += metrics.height() + 2 * scale;
      }
      QPen pen = style.pen(data, *curve);
      pen.setCapStyle(Qt::FlatCap);
      painter.setPen(pen);
      const double middle = y + metrics.height() / 2;
      painter.drawLine(QLineF(x, middle, x + 16 * scale, middle));
      painter.setPen(Theme::colour(t.text2));
      painter.drawText(QPointF(x + 22 * scale, y + metrics.ascent()), name);
      x += needed;
    }
    if (!curves.empty()) y += metrics.height() + 4 * scale;
  }
  return std::ceil(y + 2 * scale);
}

void draw(QPaintDevice& device, const MetricPlot& plot, const PlotExport& options) {
  const PlotStyle style(plot.theme(), options.dark, options.font_size / kLegendFont);
  const bool vector = options.format != PlotFormat::png;
  PlotCanvas canvas(std::make_shared<PlotData>(plot.data()), style);
  canvas.set_all_points(vector && !options.thinned);
  canvas.setBufferDevicePixelRatio(vector ? 1 : options.png_scale);
  canvas.copy_view(*plot.canvas());
  QCPPainter painter(&device);
  painter.setMode(QCPPainter::pmVectorized, vector);
  painter.fillRect(QRect(QPoint(), options.size), Theme::colour(style.tokens().surface));
  painter.setRenderHint(QPainter::Antialiasing);
  const double head = draw_head(painter, canvas.data(), style, options);
  const int height = std::max(40, options.size.height() - static_cast<int>(head) - 4);
  canvas.setViewport(QRect(0, 0, options.size.width() - 8, height));
  canvas.prepare();
  painter.translate(4, head);
  canvas.toPainter(&painter, options.size.width() - 8, height);
}

QByteArray quoted(const QString& field) {
  QByteArray bytes = field.toUtf8();
  if (bytes.contains(',') || bytes.contains('"') || bytes.contains('\n')) {
    bytes.replace("\"", "\"\"");
    bytes = '"' + bytes + '"';
  }
  return bytes;
}

void add_row(QByteArray& csv, const QByteArray& start, const Point& point, bool replaced) {
  csv += start;
  csv += QByteArray::number(point.segment) + ',' + QByteArray::number(static_cast<qlonglong>(point.step)) + ',';
  csv += QByteArray::fromStdString(format_number(point.time)) + ',' + QByteArray::fromStdString(format_number(point.value));
  csv += replaced ? ",1\n" : ",0\n";
}

}  // namespace

QByteArray render_plot(const MetricPlot& plot, const PlotExport& options) {
  if (options.format == PlotFormat::csv) return plot_csv(plot.data());
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  if (options.format == PlotFormat::svg) {
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize(options.size);
    svg.setViewBox(QRect(QPoint(), options.size));
    svg.setResolution(static_cast<int>(kDotsPerInch));
    svg.setTitle(plot.data().title);
    svg.setDescription(plot.accessibleDescription());
    draw(svg, plot, options);
  } else if (options.format == PlotFormat::pdf) {
    QPdfWriter pdf(&buffer);
    const QSizeF points = QSizeF(options.size) * kPointsPerInch / kDotsPerInch;
    pdf.setPageMargins(QMarginsF());
    pdf.setPageSize(QPageSize(points, QPageSize::Point, QString(), QPageSize::ExactMatch));
    pdf.setResolution(static_cast<int>(kDotsPerInch));
    pdf.setTitle(plot.data().title);
    pdf.setCreator(QStringLiteral("MIMIR Workbench"));
    draw(pdf, plot, options);
  } else {
    QImage image(options.size * options.png_scale, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(options.png_scale);
    draw(image, plot, options);
    image.setText(QStringLiteral("Title"), plot.data().title);
    image.save(&buffer, "PNG");
  }
  return bytes;
}

QByteArray plot_csv(const PlotData& data) {
  QByteArray csv = "run,measured,segment,step,time,value,replaced\n";
  for (const PlotCurve* curve : data.visible_curves()) {
    const char* measured = curve->measured == Measured::clean ? "clean" : curve->measured == Measured::adversarial ? "adversarial" : "plain";
    const QByteArray start = quoted(curve->run) + ',' + measured + ',';
    for (std::size_t i = 0; i < curve->series.size(); ++i) add_row(csv, start, curve->series.point(i), false);
    for (const Point& point : curve->series.replaced()) add_row(csv, start, point, true);
  }
  return csv;
}

Expected<void> write_plot(const MetricPlot& plot, const QString& path, const PlotExport& options) {
  QSaveFile file(path);
  const QByteArray bytes = render_plot(plot, options);
  if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
    return fail(ErrorCode::storage, "{}", text("%1 cannot be written: %2").arg(path, file.errorString()).toStdString());
  }
  return {};
}

}  // namespace mimir
