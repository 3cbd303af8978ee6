#include "widgets/frame/messages.h"

#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "widgets/theme/card.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kWidth = 400;
constexpr int kRowsAtMost = 8;
constexpr int kPadding = 8;
constexpr int kListWidth = kWidth - 2 * size::kCardPadding;
constexpr int kTimeHeight = 16;

QLatin1String icon_of(Tone tone) {
  switch (tone) {
    case Tone::ok: return QLatin1String("ok");
    case Tone::warning: return QLatin1String("warning");
    case Tone::danger: return QLatin1String("error");
    default: return QLatin1String("info");
  }
}

/// Icon, the whole sentence over as many lines as it takes, and the time beneath.
class MessageDelegate : public QStyledItemDelegate {
 public:
  MessageDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(&theme) {}

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    // Before the list is shown its viewport has no width to speak of.
    const auto* list = static_cast<const QAbstractScrollArea*>(option.widget);
    const int wide = list && list->isVisible() ? list->viewport()->width() : kListWidth;
    const QFontMetrics metrics(theme_->font(font::kLabel));
    const QRect words = metrics.boundingRect(QRect(0, 0, wide - 30 - kPadding, 10000), Qt::TextWordWrap, index.data().toString());
    return {wide, words.height() + kTimeHeight + 2 * kPadding};
  }
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const Tokens& t = theme_->tokens();
    const auto tone = static_cast<Tone>(index.data(MessageModel::kTone).toInt());
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (option.state & (QStyle::State_MouseOver | QStyle::State_Selected)) {
      painter->setPen(Qt::NoPen);
      painter->setBrush(Theme::colour(option.state & QStyle::State_Selected ? t.selection : t.hover));
      painter->drawRoundedRect(option.rect, size::kControlRadius, size::kControlRadius);
    }
    const QRect inside = option.rect.adjusted(kPadding, kPadding, -kPadding, -kPadding);
    paint_icon(*painter, QRectF(inside.left(), inside.top() + 1, 14, 14), icon_of(tone), tone_colour(*theme_, tone));
    const QRect words = inside.adjusted(22, 0, 0, -kTimeHeight);
    painter->setFont(theme_->font(font::kLabel));
    painter->setPen(Theme::colour(t.text));
    painter->drawText(words, Qt::TextWordWrap, index.data().toString());
    painter->setFont(theme_->font(font::kCaptionNumber));
    painter->setPen(Theme::colour(t.text2));
    painter->drawText(QRect(words.left(), words.bottom(), words.width(), kTimeHeight), Qt::AlignVCenter, index.data(MessageModel::kTime).toString());
    painter->restore();
  }

 private:
  const Theme* theme_;
};

}  // namespace

void MessageModel::add(const QString& text, const QString& run, Tone tone) {
  beginInsertRows({}, 0, 0);
  messages_.insert(messages_.begin(), Message{QDateTime::currentDateTime(), text, run, tone});
  endInsertRows();
  if (rowCount() > kAtMost) {
    beginRemoveRows({}, kAtMost, rowCount() - 1);
    messages_.resize(kAtMost);
    endRemoveRows();
  }
  unread_ = std::min(unread_ + 1, kAtMost);
  Q_EMIT unread_changed();
}

void MessageModel::mark_read() {
  if (unread_ == 0) return;
  unread_ = 0;
  Q_EMIT unread_changed();
}

int MessageModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(messages_.size()); }

QVariant MessageModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Message& message = messages_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole: return message.text;
    case kRun: return message.run;
    case kTone: return static_cast<int>(message.tone);
    case kTime: return message.time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    default: return {};
  }
}

Bell::Bell(Theme& theme, MessageModel& messages, QWidget* parent) : QToolButton(parent), theme_(&theme), messages_(&messages) {
  setIcon(mimir::icon(theme, QLatin1String("bell")));
  setFocusPolicy(Qt::TabFocus);
  connect(this, &QToolButton::clicked, this, &Bell::open);
  connect(&messages, &MessageModel::unread_changed, this, &Bell::update_name);
  update_name();
}

void Bell::update_name() {
  const int unread = messages_->unread();
  setToolTip(unread ? tr("Messages: %n new", nullptr, unread) : tr("Messages"));
  setAccessibleName(toolTip());
  update();
}

void Bell::open() {
  auto* popup = new QFrame(this, Qt::Popup);
  popup->setAttribute(Qt::WA_DeleteOnClose);
  popup->setAccessibleName(tr("Messages"));
  auto* column = new QVBoxLayout(popup);
  column->setContentsMargins(0, 0, 0, 0);
  auto* card = new Card(*theme_, tr("Messages"), popup);
  column->addWidget(card);
  popup->setFixedWidth(kWidth);
  if (messages_->rowCount() == 0) {
    auto* none = new QLabel(tr("Nothing has been said yet."), card);
    none->setProperty("role", QStringLiteral("secondary"));
    card->body()->addWidget(none);
  } else {
    auto* list = new QListView(card);
    list->setAccessibleName(tr("Messages"));
    list->setModel(messages_);
    list->setItemDelegate(new MessageDelegate(*theme_, list));
    list->setFrameShape(QFrame::NoFrame);
    list->setMouseTracking(true);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list->setFixedWidth(kListWidth);
    list->setResizeMode(QListView::Adjust);
    int high = 4;
    for (int row = 0; row < std::min(kRowsAtMost, messages_->rowCount()); ++row) high += list->sizeHintForRow(row);
    list->setFixedHeight(high);
    connect(list, &QListView::activated, this, [this, popup](const QModelIndex& index) {
      const QString run = index.data(MessageModel::kRun).toString();
      if (run.isEmpty()) return;
      popup->close();
      Q_EMIT run_chosen(run);
    });
    card->body()->addWidget(list);
    list->setFocus();
  }
  popup->adjustSize();
  popup->move(mapToGlobal(QPoint(width() - popup->width(), height() + 4)));
  popup->show();
  messages_->mark_read();
}

void Bell::paintEvent(QPaintEvent* event) {
  QToolButton::paintEvent(event);
  if (messages_->unread() == 0) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(Theme::colour(theme_->tokens().canvas), 1.5));
  painter.setBrush(Theme::colour(theme_->tokens().accent));
  painter.drawEllipse(QPointF(width() - 8.5, 8.5), 4, 4);
}

}  // namespace mimir
