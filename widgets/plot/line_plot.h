#pragma once

#include <QWidget>
#include <optional>
#include <utility>
#include <vector>

#include "widgets/theme/theme.h"

class QPainter;

namespace mimir {

/// A line of a LinePlot: a few exact points, joined.
struct PlotLine {
  QString name;                                    ///< empty: not in the legend and not read out
  std::vector<double> x, y;                        ///< of one length; what is not finite breaks the line
  std::vector<double> low, high;                   ///< a band around it; empty: none
  std::uint32_t Tokens::* colour = &Tokens::text2;
  int run = -1;                                    ///< palette index, in place of `colour`; -1: none
  bool dashed = false;
  bool points = true;
  double opacity = 1;
};

/// Lines over any x that is no training step: layers, a share of patches, a radius. Lives beside MetricPlot, which is for runs.
/// Left and right (Home, End) move the read-out from point to point of the first named line; Return or a click chooses it.
class LinePlot : public QWidget {
  Q_OBJECT

 public:
  explicit LinePlot(Theme& theme, QWidget* parent = nullptr);

  void set_lines(std::vector<PlotLine> lines);
  void set_y(double low, double high, const QString& title);
  /// `ticks` empty: round numbers.
  void set_x(double low, double high, const QString& title, std::vector<std::pair<double, QString>> ticks = {});
  /// Left and right of the axes, px; for lining up with what stands beneath.
  void set_margins(int left, int right);
  /// A column behind the lines: what is selected; none: nothing is.
  void set_column(std::optional<double> x, double width);
  /// The sentence in place of lines.
  void set_empty_text(const QString& sentence);
  QRect axes() const;

  QSize sizeHint() const override { return {400, 140}; }
  QSize minimumSizeHint() const override { return {200, 90}; }

 Q_SIGNALS:
  /// By the user.
  void x_chosen(double x);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  const PlotLine* leading() const;
  void read_out(std::optional<std::size_t> point);
  std::optional<std::size_t> point_near(double pixel) const;
  QString words_at(double x) const;
  double pixel_x(double x) const;
  double pixel_y(double y) const;
  QColor colour_of(const PlotLine& line) const;
  void paint_axes(QPainter& painter);
  void paint_line(QPainter& painter, const PlotLine& line);
  void paint_legend(QPainter& painter);

  Theme* theme_;
  std::vector<PlotLine> lines_;
  double x_low_ = 0, x_high_ = 1, y_low_ = 0, y_high_ = 1;
  QString x_title_, y_title_, empty_;
  std::vector<std::pair<double, QString>> ticks_;
  int left_ = 44, right_ = 8;
  std::optional<double> column_;
  double column_width_ = 0;
  std::optional<std::size_t> point_;  ///< of leading(), under the read-out
};

}  // namespace mimir
