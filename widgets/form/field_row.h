#pragma once

#include <QWidget>

#include "widgets/form/field_editor.h"
#include "widgets/form/form_model.h"

class QToolButton;

namespace mimir {

class ElidedLabel;
class MessageStrip;

/// Label, control, unit, a dot and a revert button where it differs from the recipe below; a message under it where
/// something is wrong.
class FieldRow : public QWidget {
  Q_OBJECT

 public:
  FieldRow(Theme& theme, FormModel& model, const FieldSchema& field, QWidget* parent = nullptr);

  const FieldSchema& field() const { return field_; }
  FieldEditor& editor() { return *editor_; }
  const FieldEditor& editor() const { return *editor_; }
  /// Shows what the model holds.
  void refresh();
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void focused(const QString& path);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  Theme* theme_;
  FormModel* model_;
  FieldSchema field_;
  ElidedLabel* label_;
  FieldEditor* editor_;
  QToolButton* revert_;
  MessageStrip* message_;
  bool changed_ = false;
  bool typing_ = false;
};

}  // namespace mimir
