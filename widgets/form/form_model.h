#pragma once

#include <QObject>
#include <QString>
#include <QUndoStack>
#include <vector>

#include "core/base/schema.h"
#include "widgets/form/recipe_draft.h"

namespace mimir {

/// What is wrong with a field, in one sentence. Field "": the recipe as a whole.
struct FormProblem {
  QString field;
  Severity severity = Severity::error;
  QString message;
  QString fix;  ///< text that would mend the field; empty: none is known
  bool operator==(const FormProblem&) const = default;
};

/// The draft under edit: values, what differs from its base, problems, undo. Knows no widget.
class FormModel : public QObject {
  Q_OBJECT

 public:
  FormModel(FormSchema schema, RecipeDraft draft, QObject* parent = nullptr);

  const FormSchema& schema() const { return schema_; }
  const RecipeDraft& draft() const { return draft_; }
  /// Another draft; what could be undone is forgotten.
  void set_draft(RecipeDraft draft);

  QString text(const QString& path) const;
  bool changed(const QString& path) const { return draft_.set.contains(path); }
  int changes(const QString& section) const;
  /// Whether the field has any effect: its stage is there and its condition holds.
  bool applies(const FieldSchema& field) const;

  /// Undoable; what is typed into one field until end_edit() is one step.
  void set_text(const QString& path, const QString& text);
  void end_edit() { sealed_ = true; }
  void revert(const QString& path);
  void set_stage(const QString& stage, bool present);
  QUndoStack& undo_stack() { return undo_; }

  /// In the order of the form: types and ranges at once, then what the trainer's check found.
  const std::vector<FormProblem>& problems() const { return problems_; }
  bool has_errors() const;
  int problem_count(const QString& section) const;
  /// Why the field cannot be as it is; errors before warnings.
  const FormProblem* problem_of(const QString& path) const;
  /// What `mimir train --dry-run` found of the draft as it is now.
  void set_checked(std::vector<FormProblem> problems);

 Q_SIGNALS:
  void value_changed(const QString& path);
  void stage_changed(const QString& stage);
  void problems_changed();
  void draft_replaced();
  /// Any of value, stage or draft.
  void edited();

 private:
  friend class SetText;
  friend class SetStage;
  void store_text(const QString& path, const QString& text);
  void store_stage(const QString& stage, bool present);
  void check();

  FormSchema schema_;
  RecipeDraft draft_;
  std::vector<FormProblem> checked_;
  std::vector<FormProblem> problems_;
  bool sealed_ = true;
  QUndoStack undo_;
};

}  // namespace mimir
