#pragma once

#include <QTimer>
#include <QWidget>
#include <memory>

#include "widgets/session/session.h"

class QComboBox;
class QLabel;
class QListView;
class QToolButton;

namespace mimir {

class ImageListModel;

/// A page of the data set's pictures as thumbnails, each with its class and whether the model answers right; filters by
/// class, by right and wrong, by the smallest margin. Choosing one chooses it in the session. Asks the worker while it is
/// in sight.
class ImageBrowser : public QWidget {
  Q_OBJECT

 public:
  explicit ImageBrowser(Session& session, QWidget* parent = nullptr);
  ~ImageBrowser() override;

  /// Class, right or wrong, order and page: for the header of a card. Owned by whoever takes it.
  QWidget* filters() const { return filters_; }
  /// The next (1) or previous (-1) picture in the order shown; pages turn by themselves.
  void step(int by);
  /// Names of the data set's classes; empty before the first answer.
  const QStringList& classes() const { return classes_; }
  /// The picture of the selection as small as it is here; null if it is not on the page.
  QImage selected_thumbnail() const;
  QString selected_name() const;
  bool settled() const;

 Q_SIGNALS:
  /// A page has come, or why none can: one sentence.
  void page_changed(const QString& problem);
  /// "test split · 24 of 10 000".
  void summary_changed(const QString& summary);

 protected:
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  enum class Choose { nothing, first, last };

  QWidget* make_filters();
  void ask_soon();
  void ask();
  void answered(const Worker::Answer& answer);
  void show_page(const WorkerAnswer& answer);
  void turn(int pages, Choose choose);
  /// How many pictures can be in sight.
  int room() const;
  void follow_selection();
  void choose_row(int row);

  Session* session_;
  ImageListModel* model_;
  QListView* list_;
  QLabel* message_;
  QWidget* filters_ = nullptr;
  QComboBox* class_ = nullptr;
  QComboBox* show_ = nullptr;
  QToolButton* back_ = nullptr;
  QToolButton* on_ = nullptr;
  QTimer soon_;
  QStringList classes_;
  QString asked_model_;  ///< run or checkpoint of the page
  int page_;             ///< pictures on a page; grows with the room
  int offset_ = 0;       ///< a multiple of it
  int total_ = 0;
  bool stale_ = true;
  Choose choose_ = Choose::nothing;  ///< when the page has come
};

}  // namespace mimir
