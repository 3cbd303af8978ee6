#include "widgets/panels/monitor/event_list.h"

#include <QPainter>
#include <algorithm>

#include "widgets/format.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/status.h"

namespace mimir {
namespace {

Tone tone_of(const EventRow& event) {
  if (event.level == "error") return Tone::danger;
  return event.level == "warning" ? Tone::warning : Tone::running;
}

QString icon_of(const EventRow& event) {
  if (event.kind.find("checkpoint") != std::string::npos) return QStringLiteral("checkpoint");
  if (event.level == "error") return QStringLiteral("error");
  return event.level == "warning" ? QStringLiteral("warning") : QStringLiteral("info");
}

}  // namespace

void EventModel::show_events(const std::vector<EventRow>& events) {
  const bool goes_on = events.size() >= events_.size() &&
                       (events_.empty() || (events.front().id == events_.back().id && events[events_.size() - 1].id == events_.front().id));
  if (!goes_on) {
    beginResetModel();
    events_.assign(events.rbegin(), events.rend());
    endResetModel();
    return;
  }
  const auto added = static_cast<int>(events.size() - events_.size());
  if (added == 0) return;
  beginInsertRows({}, 0, added - 1);
  events_.insert(events_.begin(), events.rbegin(), events.rbegin() + added);
  endInsertRows();
}

int EventModel::alerts() const {
  return static_cast<int>(std::count_if(events_.begin(), events_.end(), [](const EventRow& event) { return event.level == "error"; }));
}

int EventModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(events_.size()); }

QVariant EventModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const EventRow& event = event_at(index.row());
  const QString place = event.stage.empty() ? moment_text(event.time) : tr("%1, step %2").arg(stage_title(QString::fromStdString(event.stage)), fixed_text(static_cast<double>(event.step), 0));
  switch (role) {
    case Qt::DisplayRole: return QString::fromStdString(event.message);
    case Qt::ToolTipRole: return QString::fromStdString(event.message) + QLatin1Char('\n') + place + QLatin1Char('\n') + moment_text(event.time);
    case Qt::AccessibleTextRole: return tr("%1, %2").arg(QString::fromStdString(event.message), place);
    case kIcon: return icon_of(event);
    case kTone: return static_cast<int>(tone_of(event));
    case kPlace: return place;
    default: return {};
  }
}

void EventDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Tokens& t = theme_->tokens();
  painter->save();
  if (option.state & QStyle::State_Selected) painter->fillRect(option.rect, Theme::colour(t.selection));
  else if (option.state & QStyle::State_MouseOver) painter->fillRect(option.rect, Theme::colour(t.hover));
  const QRect area = option.rect.adjusted(2, 2, -4, -2);
  const auto tone = static_cast<Tone>(index.data(EventModel::kTone).toInt());
  const QByteArray icon = index.data(EventModel::kIcon).toString().toLatin1();
  paint_icon(*painter, QRectF(area.left(), area.top() + 2, 14, 14), QLatin1String(icon), tone_colour(*theme_, tone));
  const QRect text = area.adjusted(22, 0, 0, 0);
  const QFont body = theme_->font(font::kLabel), place = theme_->font(font::kCaptionNumber);
  painter->setFont(body);
  painter->setPen(Theme::colour(t.text));
  painter->drawText(text.adjusted(0, 0, 0, -text.height() / 2), Qt::AlignVCenter, QFontMetrics(body).elidedText(index.data().toString(), Qt::ElideRight, text.width()));
  painter->setFont(place);
  painter->setPen(Theme::colour(option.state & QStyle::State_Selected ? t.text2 : t.text3));
  painter->drawText(text.adjusted(0, text.height() / 2, 0, 0), Qt::AlignVCenter, index.data(EventModel::kPlace).toString());
  painter->restore();
}

QSize EventDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return {120, 40}; }

}  // namespace mimir
