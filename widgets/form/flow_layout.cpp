#include "widgets/form/flow_layout.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QWidget>
#include <algorithm>

namespace mimir {

FlowLayout::FlowLayout(int gap, int line_gap) : gap_(gap), line_gap_(line_gap) { setContentsMargins(0, 0, 0, 0); }

FlowLayout::~FlowLayout() {
  for (QLayoutItem* item : items_) delete item;
}

QLayoutItem* FlowLayout::takeAt(int index) {
  QLayoutItem* item = itemAt(index);
  if (item) items_.erase(items_.begin() + index);
  return item;
}

void FlowLayout::setGeometry(const QRect& rect) {
  QLayout::setGeometry(rect);
  arrange(rect, true);
}

QSize FlowLayout::minimumSize() const {
  QSize least(0, 0);
  for (const QLayoutItem* item : items_) {
    if (!item->isEmpty()) least = least.expandedTo(item->minimumSize());
  }
  return least;
}

int FlowLayout::arrange(const QRect& rect, bool place) const {
  int y = rect.top();
  std::vector<QLayoutItem*> line;
  const auto end_line = [&] {
    int height = 0, x = rect.left();
    for (const QLayoutItem* item : line) height = std::max(height, item->sizeHint().height());
    for (QLayoutItem* item : line) {
      const QSize size = item->sizeHint();
      if (place) item->setGeometry(QRect(x, y + (height - size.height()) / 2, std::min(size.width(), rect.width()), size.height()));
      x += size.width() + gap_;
    }
    if (!line.empty()) y += height + line_gap_;
    line.clear();
  };
  int used = 0;
  for (QLayoutItem* item : items_) {
    if (item->isEmpty()) continue;
    const int width = item->sizeHint().width();
    if (!line.empty() && used + width > rect.width()) {
      end_line();
      used = 0;
    }
    line.push_back(item);
    used += width + gap_;
  }
  end_line();
  return std::max(y - line_gap_ - rect.top(), 0);
}

QWidget* control_group(const QString& label, std::initializer_list<QWidget*> controls) {
  auto* group = new QWidget;
  auto* row = new QHBoxLayout(group);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  if (!label.isEmpty()) {
    auto* word = new QLabel(label);
    word->setProperty("role", QStringLiteral("label"));
    row->addWidget(word);
  }
  for (QWidget* control : controls) row->addWidget(control);
  return group;
}

}  // namespace mimir
