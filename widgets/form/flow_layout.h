#pragma once

#include <QLayout>
#include <vector>

namespace mimir {

/// Groups of controls in a row that goes on in the next line where the width ends. Each group is a widget of its own height,
/// centred in its line.
class FlowLayout : public QLayout {
  Q_OBJECT

 public:
  FlowLayout(int gap, int line_gap);
  ~FlowLayout() override;

  void addItem(QLayoutItem* item) override { items_.push_back(item); }
  int count() const override { return static_cast<int>(items_.size()); }
  QLayoutItem* itemAt(int index) const override { return index >= 0 && index < count() ? items_[static_cast<std::size_t>(index)] : nullptr; }
  QLayoutItem* takeAt(int index) override;
  Qt::Orientations expandingDirections() const override { return {}; }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return arrange(QRect(0, 0, width, 0), false); }
  void setGeometry(const QRect& rect) override;
  QSize sizeHint() const override { return minimumSize(); }
  /// As wide as the widest group.
  QSize minimumSize() const override;

 private:
  /// The height that is taken; places the groups if `place`.
  int arrange(const QRect& rect, bool place) const;

  std::vector<QLayoutItem*> items_;
  int gap_, line_gap_;
};

/// A label and controls that stay together.
QWidget* control_group(const QString& label, std::initializer_list<QWidget*> controls);

}  // namespace mimir
