#include "widgets/panels/history/views_list.h"

#include <QPainter>
#include <QStyledItemDelegate>

#include "widgets/theme/icon.h"

namespace mimir {
namespace {

enum Role { kIcon = Qt::UserRole, kView, kTag, kCount };

constexpr int kIconSize = 14;

class ViewDelegate : public QStyledItemDelegate {
 public:
  ViewDelegate(Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(&theme) {}

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
    const bool heading = index.data(kIcon).isNull();
    return {0, heading && index.row() > 0 ? size::kListRow + size::kGap : size::kListRow + 2};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const Tokens& t = theme_->tokens();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (index.data(kIcon).isNull()) {
      painter->setPen(Theme::colour(t.text3));
      painter->setFont(theme_->font(font::kLabel));
      painter->drawText(option.rect.adjusted(8, 0, -8, -6), Qt::AlignLeft | Qt::AlignBottom, index.data().toString());
      painter->restore();
      return;
    }
    const bool selected = option.state & QStyle::State_Selected;
    const QRectF ground = QRectF(option.rect).adjusted(0.5, 1.5, -0.5, -1.5);
    if (selected || option.state & QStyle::State_MouseOver) {
      const bool focused = selected && option.widget && option.widget->hasFocus();
      painter->setPen(focused ? QPen(Theme::colour(t.focus), 2) : QPen(Qt::NoPen));
      painter->setBrush(Theme::colour(selected ? t.accentSoft : t.hover));
      painter->drawRoundedRect(focused ? ground.adjusted(0.5, 0.5, -0.5, -0.5) : ground, size::kControlRadius, size::kControlRadius);
    }
    const QRectF icon(option.rect.left() + 8, option.rect.center().y() - kIconSize / 2.0 + 0.5, kIconSize, kIconSize);
    paint_icon(*painter, icon, QLatin1String(index.data(kIcon).toByteArray().constData()), Theme::colour(selected ? t.text : t.text2));
    painter->setFont(theme_->font(font::kCaptionNumber));
    const QString count = QString::number(index.data(kCount).toInt());
    const int wide = painter->fontMetrics().horizontalAdvance(count);
    painter->setPen(Theme::colour(selected ? t.text2 : t.text3));
    painter->drawText(option.rect.adjusted(0, 0, -8, 0), Qt::AlignRight | Qt::AlignVCenter, count);
    FontRole role = font::kBody;
    if (selected) role.weight = 500;
    painter->setFont(theme_->font(role));
    painter->setPen(Theme::colour(selected ? t.text : t.text2));
    const QRect text = option.rect.adjusted(30, 0, -16 - wide, 0);
    painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter, painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, text.width()));
    painter->restore();
  }

 private:
  Theme* theme_;
};

}  // namespace

ViewsList::ViewsList(Theme& theme, QWidget* parent) : QListWidget(parent), theme_(&theme) {
  setAccessibleName(tr("Views"));
  setItemDelegate(new ViewDelegate(theme, this));
  setMouseTracking(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  add_heading(tr("Views"));
  add(tr("All runs"), "history", RunView::all, {});
  add(tr("Running"), "play", RunView::running, {});
  add(tr("Queue"), "clock", RunView::queue, {});
  add(tr("Starred"), "star", RunView::starred, {});
  add(tr("Needs a look"), "warning", RunView::needs_look, {});
  add(tr("Trash"), "trash", RunView::trash, {});
  setCurrentRow(1);
  connect(this, &QListWidget::currentItemChanged, this, [this](QListWidgetItem* item) {
    if (item) Q_EMIT chosen(static_cast<RunView>(item->data(kView).toInt()), item->data(kTag).toString());
  });
  connect(&theme, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void ViewsList::add_heading(const QString& text) {
  auto* item = new QListWidgetItem(text, this);
  item->setFlags(Qt::NoItemFlags);
}

QListWidgetItem* ViewsList::add(const QString& text, const char* icon, RunView view, const QString& tag) {
  auto* item = new QListWidgetItem(text, this);
  item->setData(kIcon, QByteArray(icon));
  item->setData(kView, static_cast<int>(view));
  item->setData(kTag, tag);
  return item;
}

void ViewsList::refresh(const RunTableModel& runs) {
  const QMap<QString, int> tags = runs.tags();
  if (tags.keys() != tags_) {
    const QString chosen_tag = currentItem() ? currentItem()->data(kTag).toString() : QString();
    const int fixed = count() - static_cast<int>(tags_.isEmpty() ? 0 : tags_.size() + 1);
    tags_ = tags.keys();
    // A tag that nobody has any more is left for all runs.
    if (!chosen_tag.isEmpty() && !tags_.contains(chosen_tag)) setCurrentRow(1);
    const QSignalBlocker quiet(this);
    while (count() > fixed) delete takeItem(fixed);
    if (!tags_.isEmpty()) add_heading(tr("Tags"));
    for (const QString& tag : tags_) {
      auto* item = add(tag, "tag", RunView::all, tag);
      if (tag == chosen_tag) setCurrentItem(item);
    }
  }
  for (int row = 0; row < count(); ++row) {
    QListWidgetItem* entry = item(row);
    if (entry->data(kIcon).isNull()) continue;
    const QString tag = entry->data(kTag).toString();
    const int number = tag.isEmpty() ? runs.count(static_cast<RunView>(entry->data(kView).toInt())) : tags.value(tag);
    entry->setData(kCount, number);
    entry->setData(Qt::AccessibleTextRole, number == 1 ? tr("%1, 1 run").arg(entry->text()) : tr("%1, %2 runs").arg(entry->text()).arg(number));
  }
}

}  // namespace mimir
