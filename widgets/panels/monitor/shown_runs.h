#pragma once

#include <QAbstractListModel>
#include <QSet>
#include <QStyledItemDelegate>
#include <functional>

#include "widgets/session/session.h"

namespace mimir {

/// The runs that the plots show, in their order: checked means drawn, and each has a value at the crosshair.
class ShownRunModel : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role { kId = Qt::UserRole, kColour, kValue, kCondition };
  using ValueOf = std::function<std::optional<double>(const QString& run)>;
  ShownRunModel(Session& session, ValueOf value_of, QObject* parent = nullptr);

  const QSet<QString>& hidden() const { return hidden_; }
  void refresh_values();

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 Q_SIGNALS:
  void hidden_changed();

 private:
  void update_ids();

  Session* session_;
  ValueOf value_of_;
  QStringList ids_;
  QSet<QString> hidden_;
};

/// Eye, dash in the run's colour, name, status and value; 28 px. A click on the eye hides and shows.
class ShownRunDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  ShownRunDelegate(Session& session, QObject* parent) : QStyledItemDelegate(parent), session_(&session) {}
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) override;

 private:
  Session* session_;
};

}  // namespace mimir
