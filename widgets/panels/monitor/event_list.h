#pragma once

#include <QAbstractListModel>
#include <QStyledItemDelegate>

#include "widgets/session/run_library.h"
#include "widgets/theme/theme.h"

namespace mimir {

/// What has happened in a run, the oldest first: its events, and its checkpoints as events without an id.
std::vector<EventRow> events_and_checkpoints(const RunRecord& record);

/// The events of a run, the newest first.
class EventModel : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role { kIcon = Qt::UserRole, kTone, kPlace };
  using QAbstractListModel::QAbstractListModel;

  /// The oldest first. New ones are inserted and gone ones removed, so a view keeps its place.
  void show_events(const std::vector<EventRow>& events);
  const EventRow& event_at(int row) const { return events_[static_cast<std::size_t>(row)]; }
  /// Events of level error.
  int alerts() const;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  std::vector<EventRow> events_;  ///< the newest first
};

/// Two lines and an icon, 40 px.
class EventDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  EventDelegate(Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(&theme) {}
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  Theme* theme_;
};

}  // namespace mimir
