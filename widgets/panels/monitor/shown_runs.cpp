#include "widgets/panels/monitor/shown_runs.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <cmath>

#include "widgets/format.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/status.h"

namespace mimir {
namespace {

constexpr int kEyeWidth = 24;
constexpr int kDash = 16;

}  // namespace

ShownRunModel::ShownRunModel(Session& session, ValueOf value_of, QObject* parent)
    : QAbstractListModel(parent), session_(&session), value_of_(std::move(value_of)) {
  connect(&session, &Session::shown_runs_changed, this, &ShownRunModel::update_ids);
  connect(&session.library(), &RunLibrary::runs_changed, this, &ShownRunModel::update_ids);
  update_ids();
}

void ShownRunModel::update_ids() {
  QStringList ids;
  for (const QString& id : session_->shown_runs()) {
    if (session_->library().find(id)) ids.append(id);
  }
  if (ids == ids_) {
    if (!ids_.isEmpty()) Q_EMIT dataChanged(index(0), index(static_cast<int>(ids_.size()) - 1));
    return;
  }
  beginResetModel();
  ids_ = ids;
  endResetModel();
}

void ShownRunModel::refresh_values() {
  if (!ids_.isEmpty()) Q_EMIT dataChanged(index(0), index(static_cast<int>(ids_.size()) - 1), {kValue});
}

int ShownRunModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(ids_.size()); }

QVariant ShownRunModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const QString& id = ids_[index.row()];
  const RunEntry* entry = session_->library().find(id);
  if (!entry) return {};
  const auto value = [&] {
    const auto number = value_of_(id);
    return number ? number_text(*number) : kMissing;
  };
  switch (role) {
    case Qt::DisplayRole: return run_name(*entry);
    case Qt::CheckStateRole: return hidden_.contains(id) ? Qt::Unchecked : Qt::Checked;
    case Qt::ToolTipRole: return tr("%1 (%2)").arg(run_name(*entry), id);
    case Qt::AccessibleTextRole: return tr("%1, %2, %3").arg(run_name(*entry), status_look(entry->condition).word, value());
    case kId: return id;
    case kColour: return session_->colour_index(id);
    case kValue: return value();
    default: return {};
  }
}

bool ShownRunModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid)) return false;
  const QString& id = ids_[index.row()];
  if (value.toInt() == Qt::Checked) hidden_.remove(id);
  else hidden_.insert(id);
  Q_EMIT dataChanged(index, index, {Qt::CheckStateRole});
  Q_EMIT hidden_changed();
  return true;
}

Qt::ItemFlags ShownRunModel::flags(const QModelIndex& index) const {
  return index.isValid() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemNeverHasChildren : Qt::NoItemFlags;
}

void ShownRunDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Theme& theme = session_->theme();
  const Tokens& t = theme.tokens();
  const bool hidden = index.data(Qt::CheckStateRole).toInt() == Qt::Unchecked;
  const bool current = index.data(ShownRunModel::kId).toString() == session_->run();
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  if (current || option.state & QStyle::State_Selected) painter->fillRect(option.rect, Theme::colour(t.selection));
  else if (option.state & QStyle::State_MouseOver) painter->fillRect(option.rect, Theme::colour(t.hover));
  const QRect row = option.rect.adjusted(4, 0, -6, 0);
  const int middle = row.center().y() + 1;
  paint_icon(*painter, QRectF(row.left() + 2, middle - 7, 14, 14), hidden ? QLatin1String("eye-off") : QLatin1String("eye"), Theme::colour(t.text3));

  int x = row.left() + kEyeWidth;
  const int colour = index.data(ShownRunModel::kColour).toInt();
  QPen pen(theme.run_colour(colour), 2);
  pen.setCapStyle(Qt::FlatCap);
  if (colour >= 8) pen.setDashPattern({3, 1.5});
  painter->setOpacity(hidden ? 0.45 : 1);
  painter->setPen(pen);
  painter->drawLine(QPointF(x, middle), QPointF(x + kDash, middle));
  x += kDash + 8;

  const QFont name = theme.font(current ? FontRole{12, 600, false} : font::kLabel), number = theme.font(font::kNumber);
  const QString value = index.data(ShownRunModel::kValue).toString();
  const int value_width = std::max(56, QFontMetrics(number).horizontalAdvance(value));
  const RunEntry* entry = session_->library().find(index.data(ShownRunModel::kId).toString());
  const int name_width = row.right() - value_width - 26 - x;
  painter->setFont(name);
  painter->setPen(Theme::colour(t.text));
  painter->drawText(QRect(x, row.top(), name_width, row.height()), Qt::AlignVCenter, QFontMetrics(name).elidedText(index.data().toString(), Qt::ElideMiddle, name_width));
  if (entry) {
    const StatusLook look = status_look(entry->condition);
    paint_icon(*painter, QRectF(row.right() - value_width - 20, middle - 7, 14, 14), look.icon, tone_colour(theme, look.tone));
  }
  painter->setFont(number);
  painter->setPen(Theme::colour(value == QLatin1String("NaN") ? t.danger : t.text));
  painter->drawText(QRect(row.right() - value_width, row.top(), value_width, row.height()), Qt::AlignVCenter | Qt::AlignRight, value);
  painter->restore();
}

QSize ShownRunDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return {160, size::kListRow}; }

bool ShownRunDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) {
  bool toggle = false;
  if (event->type() == QEvent::MouseButtonRelease) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    toggle = mouse->button() == Qt::LeftButton && mouse->position().x() < option.rect.left() + kEyeWidth;
  } else if (event->type() == QEvent::KeyPress) {
    toggle = static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space;
  }
  if (!toggle) return false;
  return model->setData(index, index.data(Qt::CheckStateRole).toInt() == Qt::Checked ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
}

}  // namespace mimir
