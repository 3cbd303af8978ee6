#include "widgets/form/form_model.h"

#include <QUndoCommand>
#include <algorithm>

#include "widgets/form/number_text.h"

namespace mimir {

class SetText : public QUndoCommand {
 public:
  SetText(FormModel& model, QString path, QString before, QString after, bool merges)
      : QUndoCommand(FormModel::tr("change of %1").arg(path)), model_(&model), path_(std::move(path)), before_(std::move(before)),
        after_(std::move(after)), merges_(merges) {}
  void undo() override { model_->store_text(path_, before_); }
  void redo() override { model_->store_text(path_, after_); }
  int id() const override { return 1; }
  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = static_cast<const SetText*>(other);
    if (!next->merges_ || next->path_ != path_) return false;
    after_ = next->after_;
    return true;
  }

 private:
  FormModel* model_;
  QString path_, before_, after_;
  bool merges_;
};

class SetStage : public QUndoCommand {
 public:
  SetStage(FormModel& model, QString stage, bool present)
      : QUndoCommand(FormModel::tr("switch of %1").arg(stage)), model_(&model), stage_(std::move(stage)), present_(present) {}
  void undo() override { model_->store_stage(stage_, !present_); }
  void redo() override { model_->store_stage(stage_, present_); }

 private:
  FormModel* model_;
  QString stage_;
  bool present_;
};

namespace {

QString type_sentence(ParameterType type) {
  switch (type) {
    case ParameterType::integer: return FormModel::tr("must be a whole number");
    case ParameterType::number: return FormModel::tr("must be a number, like 0.1, 1e-4 or 8/255");
    case ParameterType::boolean: return FormModel::tr("must be true or false");
    default: return FormModel::tr("cannot be read");
  }
}

std::vector<FormProblem> check_field(const FieldSchema& field, const QString& text) {
  std::vector<FormProblem> found;
  const Parameter& p = field.parameter;
  const QString fix = likely_fraction(field, text).value_or(QString());
  const auto canonical = canonical_text(field, text);
  const auto value = canonical ? parse_value(p, canonical->toStdString()) : std::nullopt;
  if (!value) {
    const QString shown = text.trimmed().isEmpty() ? FormModel::tr("it is empty; it ") : FormModel::tr("\"%1\" ").arg(text.trimmed());
    found.push_back({field.path(), Severity::error, shown + type_sentence(p.type), fix});
  } else if (const auto sentence = check_value(p, *value)) {
    found.push_back({field.path(), Severity::error, QString::fromStdString(*sentence), fix});
  } else if (!fix.isEmpty()) {
    const QString meant = FormModel::tr("%1 = %2. Did you mean %3?").arg(text.simplified(), QString::number(evaluate_number(text).value_or(0), 'g', 3), fix);
    found.push_back({field.path(), Severity::warning, meant, fix});
  }
  return found;
}

}  // namespace

FormModel::FormModel(FormSchema schema, RecipeDraft draft, QObject* parent)
    : QObject(parent), schema_(std::move(schema)), draft_(std::move(draft)) {
  undo_.setUndoLimit(100);
  check();
}

void FormModel::set_draft(RecipeDraft draft) {
  draft_ = std::move(draft);
  checked_.clear();
  sealed_ = true;
  undo_.clear();
  Q_EMIT draft_replaced();
  check();
  Q_EMIT edited();
}

QString FormModel::text(const QString& path) const {
  const FieldSchema* field = schema_.find(path);
  return field ? draft_.text(*field) : QString();
}

int FormModel::changes(const QString& section) const {
  const auto in_section = [&](const auto& entry) {
    const FieldSchema* field = schema_.find(entry.first);
    return field && field->section() == section;
  };
  return static_cast<int>(std::count_if(draft_.set.begin(), draft_.set.end(), in_section)) + static_cast<int>(draft_.stages.count(section));
}

bool FormModel::applies(const FieldSchema& field) const {
  return (!is_stage(field.section()) || draft_.has_stage(field.section())) && draft_.applies(schema_, field);
}

void FormModel::set_text(const QString& path, const QString& text) {
  const QString before = this->text(path);
  if (!schema_.find(path) || before == text) return;
  undo_.push(new SetText(*this, path, before, text, !sealed_));
  sealed_ = false;
}

void FormModel::revert(const QString& path) {
  const FieldSchema* field = schema_.find(path);
  if (!field) return;
  end_edit();
  set_text(path, draft_.base_text(*field));
  end_edit();
}

void FormModel::set_stage(const QString& stage, bool present) {
  if (draft_.has_stage(stage) == present) return;
  end_edit();
  undo_.push(new SetStage(*this, stage, present));
}

bool FormModel::has_errors() const {
  return std::any_of(problems_.begin(), problems_.end(), [](const FormProblem& p) { return p.severity == Severity::error; });
}

int FormModel::problem_count(const QString& section) const {
  return static_cast<int>(std::count_if(problems_.begin(), problems_.end(), [&](const FormProblem& problem) {
    const FieldSchema* field = schema_.find(problem.field);
    return field ? field->section() == section : problem.field == section;
  }));
}

const FormProblem* FormModel::problem_of(const QString& path) const {
  const FormProblem* found = nullptr;
  for (const FormProblem& problem : problems_) {
    if (problem.field != path) continue;
    if (problem.severity == Severity::error) return &problem;
    if (!found) found = &problem;
  }
  return found;
}

void FormModel::set_checked(std::vector<FormProblem> problems) {
  checked_ = std::move(problems);
  check();
}

void FormModel::store_text(const QString& path, const QString& text) {
  draft_.set_text(*schema_.find(path), text);
  std::erase_if(checked_, [&](const FormProblem& problem) { return problem.field == path || problem.field.isEmpty(); });
  Q_EMIT value_changed(path);
  check();
  Q_EMIT edited();
}

void FormModel::store_stage(const QString& stage, bool present) {
  draft_.set_stage(stage, present);
  Q_EMIT stage_changed(stage);
  check();
  Q_EMIT edited();
}

void FormModel::check() {
  std::vector<FormProblem> found;
  const auto add_checked = [&](const QString& path) {
    for (const FormProblem& problem : checked_) {
      const bool fresh = problem.field == path && std::none_of(found.begin(), found.end(), [&](const FormProblem& other) {
        return other.field == path && other.severity == problem.severity;
      });
      if (fresh) found.push_back(problem);
    }
  };
  for (const QString& section : form_sections()) {
    add_checked(section);  // "model": it fits no single field
    for (const FieldSchema& field : schema_.fields) {
      if (field.section() != section || !applies(field)) continue;
      for (FormProblem& problem : check_field(field, draft_.text(field))) found.push_back(std::move(problem));
      add_checked(field.path());
    }
  }
  for (const FormProblem& problem : checked_) {
    if (!schema_.find(problem.field) && !form_sections().contains(problem.field)) found.push_back(problem);
  }
  if (found == problems_) return;
  problems_ = std::move(found);
  Q_EMIT problems_changed();
}

}  // namespace mimir
