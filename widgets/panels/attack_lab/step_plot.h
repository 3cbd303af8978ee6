#pragma once

#include <QString>
#include <QWidget>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "widgets/theme/theme.h"

namespace mimir {

/// Few and exact values over one axis, on which a place can be chosen with the pointer: the steps of an attack, or radii.
/// The other keys are the owner's scrubber's.
class StepPlot : public QWidget {
  Q_OBJECT

 public:
  struct Line {
    QString name;
    std::uint32_t Tokens::* colour = &Tokens::accent;
    bool dashed = false;
    bool legend = true;
    std::vector<QPointF> points;  ///< by rising x
  };
  /// A vertical with a word; a flip also tints what is right of it.
  struct Mark {
    enum class Kind { flip, now };
    double x = 0;
    QString word;
    Kind kind = Kind::flip;
  };
  /// A try on the axis: broken or held.
  struct Tick {
    double x = 0;
    bool broken = false;
  };

  StepPlot(Theme& theme, const QString& name, QWidget* parent = nullptr);

  void set_lines(std::vector<Line> lines);
  void set_marks(std::vector<Mark> marks);
  void set_ticks(std::vector<Tick> ticks);
  /// `label` writes a place on the axis, which is labelled every `every`.
  void set_x(double low, double high, double every, std::function<QString(double)> label);
  void set_x_title(const QString& title);
  /// Stands with its label on the axis; none: no place is chosen.
  void set_cursor(std::optional<double> x);
  void set_empty_text(const QString& sentence);
  void set_stale(bool stale);
  /// Where the axes are, in this widget.
  QRect axes() const;

  QSize sizeHint() const override { return {480, 180}; }
  QSize minimumSizeHint() const override { return {280, 110}; }

 Q_SIGNALS:
  void chosen(double x);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  void fit();
  double x_at(double value) const;
  double y_at(double value) const;
  void paint_axes(QPainter& painter) const;
  void paint_marks(QPainter& painter) const;
  void paint_mark_words(QPainter& painter) const;
  void paint_line(QPainter& painter, const Line& line) const;
  void paint_cursor(QPainter& painter) const;

  Theme* theme_;
  std::vector<Line> lines_;
  std::vector<Mark> marks_;
  std::vector<Tick> ticks_;
  double low_ = 0, high_ = 1, every_ = 1;
  double bottom_ = 0, top_ = 1;  ///< of y
  std::function<QString(double)> label_;
  QString x_title_, empty_;
  std::optional<double> cursor_;
  bool stale_ = false;
};

}  // namespace mimir
