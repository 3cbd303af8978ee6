#pragma once

#include <QWidget>
#include <vector>

#include "widgets/theme/theme.h"

namespace mimir {

/// Names at the left, values at the right, one under the other. A marked line stands out by its ground.
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

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  QString name_;
  std::vector<Fact> facts_;
};

}  // namespace mimir
