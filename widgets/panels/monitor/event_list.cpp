#include "widgets/panels/monitor/event_list.h"

#include <QPainter>
#include <algorithm>
#include <tuple>

#include "widgets/format.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/status.h"

namespace mimir {
namespace {

Tone tone_of(const EventRow& event) {
  if (event.level == "error") return Tone::danger;
  if (event.kind == "checkpoint") return Tone::neutral;
  return event.level == "warning" ? Tone::warning : Tone::running;
}

bool same(const EventRow& a, const EventRow& b) {
  return std::tie(a.id, a.time, a.stage, a.step, a.kind, a.message) == std::tie(b.id, b.time, b.stage, b.step, b.kind, b.message);
}

/// When the stage was at that step: the newest point of it there or before. Without a point, when its last segment began.
double time_of_step(const RunRecord& record, const std::string& stage, std::int64_t step) {
  double time = 0;
  for (const SegmentRow& segment : record.segments) {
    if (segment.stage == stage && segment.first_step <= step) time = segment.started;
  }
  for (const auto& [metric, points] : record.points) {
    if (!metric.starts_with(stage + "/")) continue;
    const auto later = [step](const Point& point, std::int32_t segment) { return std::tie(point.segment, point.step) <= std::tie(segment, step); };
    for (auto segment = record.segments.rbegin(); segment != record.segments.rend(); ++segment) {
      if (segment->stage != stage || segment->first_step > step) continue;
      const Point* end = std::partition_point(points.begin(), points.end(), [&](const Point& point) { return later(point, segment->id); });
      if (end == points.begin() || (end - 1)->segment != segment->id) continue;
      time = std::max(time, (end - 1)->time);
      break;
    }
  }
  return time;
}

QString icon_of(const EventRow& event) {
  if (event.kind.find("checkpoint") != std::string::npos) return QStringLiteral("checkpoint");
  if (event.level == "error") return QStringLiteral("error");
  return event.level == "warning" ? QStringLiteral("warning") : QStringLiteral("info");
}

}  // namespace

std::vector<EventRow> events_and_checkpoints(const RunRecord& record) {
  std::vector<EventRow> events = record.events;
  for (const CheckpointRow& row : record.checkpoints) {
    EventRow event{.id = 0, .time = time_of_step(record, row.stage, row.step), .stage = row.stage, .step = row.step, .kind = "checkpoint", .level = "info", .message = {}};
    event.message = (row.kind == "best" ? EventModel::tr("Checkpoint, best so far") : row.kind == "last" ? EventModel::tr("Checkpoint, newest") : EventModel::tr("Checkpoint")).toStdString();
    events.push_back(std::move(event));
  }
  std::stable_sort(events.begin(), events.end(), [](const EventRow& a, const EventRow& b) { return a.time < b.time; });
  return events;
}

void EventModel::show_events(const std::vector<EventRow>& events) {
  const auto is = [](const EventRow& row) { return [&row](const EventRow& other) { return same(row, other); }; };
  for (int row = static_cast<int>(events_.size()) - 1; row >= 0; --row) {
    if (std::any_of(events.begin(), events.end(), is(event_at(row)))) continue;
    beginRemoveRows({}, row, row);
    events_.erase(events_.begin() + row);
    endRemoveRows();
  }
  // What is left stands in the same order in both.
  for (std::size_t row = 0; row < events.size(); ++row) {
    const EventRow& event = events[events.size() - 1 - row];
    if (row < events_.size() && same(events_[row], event)) continue;
    beginInsertRows({}, static_cast<int>(row), static_cast<int>(row));
    events_.insert(events_.begin() + static_cast<std::ptrdiff_t>(row), event);
    endInsertRows();
  }
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
