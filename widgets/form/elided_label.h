#pragma once

#include <QLabel>

namespace mimir {

/// One line that loses its middle where there is no room; the whole text is the tooltip then.
class ElidedLabel : public QLabel {
  Q_OBJECT

 public:
  explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr, Qt::TextElideMode mode = Qt::ElideMiddle);
  void set_full_text(const QString& text);
  const QString& full_text() const { return full_; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void fit();

  QString full_;
  Qt::TextElideMode mode_;
};

}  // namespace mimir
