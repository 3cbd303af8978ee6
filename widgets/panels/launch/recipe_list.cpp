#include "widgets/panels/launch/recipe_list.h"

#include <QPainter>
#include <QStandardItemModel>
#include <QStyledItemDelegate>

#include "widgets/theme/icon.h"

namespace mimir {
namespace {

enum Role { kind_role = Qt::UserRole, key_role, caption_role };

constexpr int kHeading = 28;
constexpr int kRow = 42;
constexpr int kIcon = 14;

RecipeList::Kind kind_of(const QModelIndex& index) { return static_cast<RecipeList::Kind>(index.data(kind_role).toInt()); }

class RecipeDelegate : public QStyledItemDelegate {
 public:
  RecipeDelegate(Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(&theme) {}

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
    return {160, kind_of(index) == RecipeList::Kind::heading ? kHeading : kRow};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const Tokens& t = theme_->tokens();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF row = QRectF(option.rect);
    const auto line = [&](const FontRole& role, std::uint32_t colour, const QRectF& rect, const QString& text) {
      painter->setFont(theme_->font(role));
      painter->setPen(Theme::colour(colour));
      painter->drawText(rect, Qt::AlignVCenter | Qt::AlignLeft, painter->fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(rect.width())));
    };
    const QString name = index.data(Qt::DisplayRole).toString();
    if (kind_of(index) == RecipeList::Kind::heading) {
      line(font::kLabel, t.text3, row.adjusted(6, 4, -4, 0), name);
    } else {
      const bool selected = option.state & QStyle::State_Selected;
      const QRectF body = row.adjusted(0, 1, -2, -1);
      if (selected || option.state & QStyle::State_MouseOver) {
        painter->setPen(selected && option.state & QStyle::State_HasFocus ? QPen(Theme::colour(t.focus), 2) : QPen(Qt::NoPen));
        painter->setBrush(Theme::colour(selected ? t.selection : t.hover));
        painter->drawRoundedRect(body.adjusted(1, 1, -1, -1), size::kControlRadius, size::kControlRadius);
      }
      paint_icon(*painter, QRectF(body.left() + 10, body.center().y() - kIcon / 2.0, kIcon, kIcon), picture(index), Theme::colour(selected ? t.text : t.text2));
      const double left = body.left() + 10 + kIcon + 10;
      line(FontRole{12, 600, false}, t.text, QRectF(left, body.top() + 4, body.right() - left - 6, 17), name);
      line(font::kCaption, selected ? t.text2 : t.text3, QRectF(left, body.top() + 20, body.right() - left - 6, 16), index.data(caption_role).toString());
    }
    painter->restore();
  }

 private:
  static QLatin1String picture(const QModelIndex& index) {
    switch (kind_of(index)) {
      case RecipeList::Kind::draft: return QLatin1String("brush");
      case RecipeList::Kind::run: return QLatin1String("history");
      default: return QLatin1String(index.data(key_role).toString() == QLatin1String("demo") ? "flask" : "book");
    }
  }

  Theme* theme_;
};

}  // namespace

RecipeList::RecipeList(Theme& theme, QWidget* parent) : QListView(parent), items_(new QStandardItemModel(this)) {
  setModel(items_);
  setItemDelegate(new RecipeDelegate(theme, this));
  setAccessibleName(tr("Recipes"));
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setMouseTracking(true);
  connect(&theme, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void RecipeList::set_items(const std::vector<Item>& items) {
  if (items == listed_) return;
  listed_ = items;
  const Kind kind = current_kind();
  const QString key = current_key();
  quiet_ = true;
  items_->clear();
  for (const Item& item : items) {
    auto* row = new QStandardItem(item.name);
    row->setData(static_cast<int>(item.kind), kind_role);
    row->setData(item.key, key_role);
    row->setData(item.caption, caption_role);
    row->setToolTip(item.help);
    row->setData(item.caption.isEmpty() ? item.name : item.name + QStringLiteral(", ") + item.caption, Qt::AccessibleTextRole);
    row->setFlags(item.kind == Kind::heading ? Qt::NoItemFlags : Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    items_->appendRow(row);
  }
  quiet_ = false;
  set_current(kind, key);
}

void RecipeList::set_current(Kind kind, const QString& key) {
  if (current_kind() == kind && current_key() == key) return;
  quiet_ = true;
  setCurrentIndex({});
  for (int i = 0; i < items_->rowCount(); ++i) {
    const QModelIndex index = items_->index(i, 0);
    if (kind != Kind::heading && kind_of(index) == kind && index.data(key_role).toString() == key) setCurrentIndex(index);
  }
  quiet_ = false;
}

RecipeList::Kind RecipeList::current_kind() const { return currentIndex().isValid() ? kind_of(currentIndex()) : Kind::heading; }
QString RecipeList::current_key() const { return currentIndex().data(key_role).toString(); }

void RecipeList::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QListView::currentChanged(current, previous);
  if (!quiet_ && current.isValid() && kind_of(current) != Kind::heading) Q_EMIT chosen(kind_of(current), current.data(key_role).toString());
}

}  // namespace mimir
