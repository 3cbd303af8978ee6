#pragma once

#include <QWidget>

#include "widgets/form/form_section.h"

class QLabel;
class QLineEdit;
class QScrollArea;

namespace mimir {

class MessageStrip;
class SegmentedControl;

/// The whole recipe as a form: search and filter above, sections in between, one sentence about the field under the
/// focus below.
class RecipeForm : public QWidget {
  Q_OBJECT

 public:
  RecipeForm(Theme& theme, FormModel& model, QWidget* parent = nullptr);

  const std::vector<FormSection*>& sections() const { return sections_; }
  FieldRow* row(const QString& path) const;
  /// Unfolds, scrolls and gives it the keyboard, whatever the filter. A section's name goes to the section.
  void show_field(const QString& path);
  /// Walks through the problems, in the order of the form.
  void show_next_problem();
  void focus_search();
  void set_level(FormFilter::Level level);
  FormFilter::Level level() const { return filter_.level; }
  QStringList open_sections() const;
  void set_open_sections(const QStringList& sections);

 Q_SIGNALS:
  /// Another level, or a section was folded or unfolded.
  void view_changed();

 private:
  void refresh();
  void apply_filter();
  void explain(const QString& path);

  FormModel* model_;
  FormFilter filter_;
  QLineEdit* search_;
  SegmentedControl* level_;
  StatusPill* problems_;
  QLabel* hint_;
  QScrollArea* scroll_;
  MessageStrip* help_;
  std::vector<FormSection*> sections_;
  QString last_problem_;
};

}  // namespace mimir
