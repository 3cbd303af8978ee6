#pragma once

#include <QWidget>

#include "widgets/form/form_schema.h"
#include "widgets/theme/theme.h"

class QAbstractSpinBox;
class QComboBox;
class QLineEdit;

namespace mimir {

/// The control of one field by its type. Holds text, whatever the type; the wheel scrolls the form and never changes
/// a value; Ctrl+Z is left to the form.
class FieldEditor : public QWidget {
  Q_OBJECT

 public:
  FieldEditor(Theme& theme, const FieldSchema& field, QWidget* parent = nullptr);

  QString text() const;
  /// Emits nothing.
  void set_text(const QString& text);
  void set_error(bool error);
  /// Whether it wants all the width there is: texts, lists, paths.
  bool wide() const { return wide_; }

 Q_SIGNALS:
  void typed(const QString& text);
  /// The field was left or Enter was pressed.
  void finished();
  void focused();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void make_combo(Theme& theme, const QStringList& choices);
  void make_line(Theme& theme, bool mono);
  void add_browse(Theme& theme);
  void browse();

  FieldSchema field_;
  bool wide_ = false;
  QComboBox* combo_ = nullptr;
  QAbstractSpinBox* spin_ = nullptr;
  QLineEdit* line_ = nullptr;  ///< of its own or the spin box's
};

}  // namespace mimir
