#pragma once

#include <QTimer>
#include <QWidget>

#include "widgets/theme/theme.h"

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace mimir {

/// A rounded surface with a hairline, 12 px of padding, and a header 26 px high. A card never has a card inside.
///     auto* card = new Card(theme, tr("Events"));
///     card->header()->addWidget(pill);
///     card->body()->addWidget(list);
class Card : public QWidget {
  Q_OBJECT

 public:
  /// An empty title leaves the header out until one is set, or something stands in it.
  explicit Card(Theme& theme, const QString& title = {}, QWidget* parent = nullptr);

  void set_title(const QString& title);
  /// Unit or explanation in small type beside the title.
  void set_caption(const QString& caption);
  /// The slot at the right of the header; what is added stands right-aligned.
  QHBoxLayout* header() { return slot_; }
  QVBoxLayout* body() { return body_; }
  /// Padding around header and body: 12 as made, 14 around lists and pictures, 0 for a table.
  void set_padding(int px);
  /// While new content is on its way an accent line stands at the top edge, from 500 ms on; the old content stays.
  void set_busy(bool busy);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  QWidget* head_;
  QLabel* title_;
  QLabel* caption_;
  QHBoxLayout* slot_;
  QVBoxLayout* body_;
  QTimer busy_;
  bool busy_shown_ = false;
};

}  // namespace mimir
