#pragma once

#include <QAbstractListModel>
#include <QDateTime>
#include <QFrame>
#include <QToolButton>
#include <vector>

#include "widgets/theme/status.h"
#include "widgets/theme/theme.h"

class QListView;

namespace mimir {

/// What the window has said, the newest first; the last 200.
class MessageModel : public QAbstractListModel {
  Q_OBJECT

 public:
  struct Message {
    QDateTime time;
    QString text;
    QString run;  ///< whom it concerns; may be empty
    Tone tone = Tone::running;
  };
  enum Role { kRun = Qt::UserRole, kTone, kTime };
  static constexpr int kAtMost = 200;

  using QAbstractListModel::QAbstractListModel;

  void add(const QString& text, const QString& run = {}, Tone tone = Tone::running);
  /// Messages since mark_read().
  int unread() const { return unread_; }
  void mark_read();

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 Q_SIGNALS:
  void unread_changed();

 private:
  std::vector<Message> messages_;
  int unread_ = 0;
};

/// The bell in the menu row, with a dot while something is unread. A click opens the list.
class Bell : public QToolButton {
  Q_OBJECT

 public:
  Bell(Theme& theme, MessageModel& messages, QWidget* parent);
  void open();

 Q_SIGNALS:
  /// A message about a run was chosen.
  void run_chosen(const QString& run);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void update_name();

  Theme* theme_;
  MessageModel* messages_;
};

}  // namespace mimir
