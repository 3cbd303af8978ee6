#pragma once

#include <QWidget>
#include <vector>

#include "widgets/theme/theme.h"

namespace mimir {

/// Names at the left, values at the right, one under the other; a value that has no room beside its name stands below it, in
/// up to two lines. A marked fact stands out by its ground.
class FactList : public QWidget {
  Q_OBJECT

 public:
  struct Fact {
    QString name, value;
    bool marked = false;
    QString tip = {};
    bool operator==(const Fact&) const = default;
  };

  FactList(Theme& theme, const QString& name, QWidget* parent = nullptr);

  void set_facts(std::vector<Fact> facts);
  const std::vector<Fact>& facts() const { return facts_; }
  /// One line each, tab-separated.
  QString as_text() const;
  QSize sizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  /// How a fact stands in a list of this width.
  struct Shape {
    int height;
    bool below;     ///< the value stands below the name
    QString value;  ///< without its middle if even two lines are not enough
  };
  Shape shape(const Fact& fact, int width) const;

  Theme* theme_;
  QString name_;
  std::vector<Fact> facts_;
};

}  // namespace mimir
