#pragma once

#include <vector>

#include "widgets/form/field_row.h"
#include "widgets/theme/card.h"

class QGridLayout;
class QToolButton;

namespace mimir {

class ElidedLabel;
class StatusPill;
class Switch;

/// Which rows of the form are shown.
struct FormFilter {
  enum class Level { all, common, changed };
  Level level = Level::common;
  QString words;  ///< in name or help; not empty: of any level
};

/// The fields of one table of the recipe: a header that folds, with a summary, what changed, what is wrong and, of a
/// stage, its switch; below the rows in one or two columns.
class FormSection : public Card {
  Q_OBJECT

 public:
  FormSection(Theme& theme, FormModel& model, QString section, QWidget* parent = nullptr);

  const QString& section() const { return section_; }
  const std::vector<FieldRow*>& rows() const { return rows_; }
  FieldRow* row(const QString& path) const;
  bool open() const { return open_; }
  void set_open(bool open);
  void set_filter(const FormFilter& filter);
  void refresh();

  static QString title(const QString& section);

 Q_SIGNALS:
  void focused(const QString& path);
  void open_changed();

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  bool passes(const FieldRow& row) const;
  void arrange();
  QString summary() const;

  Theme* theme_;
  FormModel* model_;
  QString section_;
  FormFilter filter_;
  bool open_ = true;
  QWidget* head_;
  QToolButton* chevron_;
  ElidedLabel* summary_;
  StatusPill* changes_;
  StatusPill* problems_;
  Switch* switch_ = nullptr;
  QWidget* content_;
  QGridLayout* grid_;
  std::vector<FieldRow*> rows_;
  std::vector<FieldRow*> arranged_;
  int columns_ = 0;
};

}  // namespace mimir
