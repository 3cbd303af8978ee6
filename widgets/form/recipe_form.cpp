#include "widgets/form/recipe_form.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/form/message_strip.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"
#include "widgets/theme/status_pill.h"

namespace mimir {

RecipeForm::RecipeForm(Theme& theme, FormModel& model, QWidget* parent)
    : QWidget(parent), model_(&model), search_(new QLineEdit(this)),
      level_(new SegmentedControl(theme, tr("Rows"), {tr("All"), tr("Common"), tr("Only changed")}, this)),
      problems_(new StatusPill(theme, this)), hint_(new QLabel(tr("F8 goes to it"), this)), scroll_(new QScrollArea(this)),
      help_(new MessageStrip(theme, this)) {
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(size::kGap);
  auto* tools = new QHBoxLayout;
  tools->setSpacing(size::kGap);
  search_->setPlaceholderText(tr("Find a parameter"));
  search_->setAccessibleName(tr("Find a parameter"));
  search_->setClearButtonEnabled(true);
  search_->setMinimumWidth(120);
  search_->setMaximumWidth(240);
  level_->set_index(static_cast<int>(filter_.level));
  hint_->setProperty("role", QStringLiteral("caption"));
  tools->addWidget(search_, 1);
  tools->addWidget(level_);
  tools->addStretch(1);
  tools->addWidget(problems_);
  tools->addWidget(hint_);
  all->addLayout(tools);

  auto* content = new QWidget;
  content->setProperty("ground", QStringLiteral("none"));
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(size::kGap);
  for (const QString& name : form_sections()) {
    auto* section = new FormSection(theme, model, name, content);
    section->set_open(is_stage(name));
    connect(section, &FormSection::focused, this, &RecipeForm::explain);
    connect(section, &FormSection::open_changed, this, &RecipeForm::view_changed);
    column->addWidget(section);
    sections_.push_back(section);
  }
  column->addStretch(1);
  scroll_->setWidget(content);
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  all->addWidget(scroll_, 1);
  help_->setMinimumHeight(44);
  help_->show_message(Tone::neutral, QLatin1String("info"), tr("A field says here what it means and what it may be."), tr("Numbers may be written as 8/255, 1e-4 or 4*128."));
  all->addWidget(help_);

  connect(search_, &QLineEdit::textChanged, this, &RecipeForm::apply_filter);
  connect(level_, &SegmentedControl::chosen, this, &RecipeForm::apply_filter);
  connect(level_, &SegmentedControl::chosen, this, &RecipeForm::view_changed);
  connect(&model, &FormModel::value_changed, this, &RecipeForm::refresh);
  connect(&model, &FormModel::stage_changed, this, &RecipeForm::refresh);
  connect(&model, &FormModel::problems_changed, this, &RecipeForm::refresh);
  connect(&model, &FormModel::draft_replaced, this, &RecipeForm::refresh);

  auto* next = new QAction(tr("Next problem"), this);
  next->setShortcut(QKeySequence(Qt::Key_F8));
  next->setShortcutContext(Qt::WindowShortcut);
  connect(next, &QAction::triggered, this, &RecipeForm::show_next_problem);
  addAction(next);
  apply_filter();
}

FieldRow* RecipeForm::row(const QString& path) const {
  for (const FormSection* section : sections_) {
    if (FieldRow* row = section->row(path)) return row;
  }
  return nullptr;
}

void RecipeForm::show_field(const QString& path) {
  FieldRow* target = row(path);
  const QString name = target ? target->field().section() : path;
  const auto section = std::find_if(sections_.begin(), sections_.end(), [&](const FormSection* s) { return s->section() == name; });
  if (section == sections_.end()) return;
  (*section)->set_open(true);
  if (!target) {
    scroll_->ensureWidgetVisible(*section);
    if (!(*section)->rows().empty()) (*section)->rows().front()->editor().setFocus(Qt::OtherFocusReason);
    return;
  }
  if (target->isHidden()) {
    search_->clear();
    set_level(FormFilter::Level::all);
  }
  target->editor().setFocus(Qt::TabFocusReason);  // selects what it holds
  // Only once the row has got its place.
  QTimer::singleShot(0, target, [this, target] { scroll_->ensureWidgetVisible(target); });
}

void RecipeForm::show_next_problem() {
  const auto& problems = model_->problems();
  if (problems.empty()) return;
  auto next = std::find_if(problems.begin(), problems.end(), [this](const FormProblem& p) { return p.field == last_problem_; });
  // Over all that the last field has.
  while (next != problems.end() && next->field == last_problem_) ++next;
  if (next == problems.end()) next = problems.begin();
  last_problem_ = next->field;
  show_field(QString(next->field));
}

void RecipeForm::focus_search() {
  search_->setFocus(Qt::ShortcutFocusReason);
  search_->selectAll();
}

void RecipeForm::set_level(FormFilter::Level level) { level_->set_index(static_cast<int>(level)); }

QStringList RecipeForm::open_sections() const {
  QStringList open;
  for (const FormSection* section : sections_) {
    if (section->open()) open += section->section();
  }
  return open;
}

void RecipeForm::set_open_sections(const QStringList& sections) {
  for (FormSection* section : sections_) section->set_open(sections.contains(section->section()));
}

void RecipeForm::refresh() {
  for (FormSection* section : sections_) section->refresh();
  const int count = static_cast<int>(model_->problems().size());
  problems_->setVisible(count > 0);
  hint_->setVisible(count > 0);
  const bool errors = model_->has_errors();
  const auto wrong = !errors ? count : std::count_if(model_->problems().begin(), model_->problems().end(), [](const FormProblem& p) { return p.severity == Severity::error; });
  problems_->show_look({errors ? Tone::danger : Tone::warning, QLatin1String(errors ? "error" : "warning"),
                        errors ? (wrong == 1 ? tr("1 error") : tr("%1 errors").arg(wrong)) : (wrong == 1 ? tr("1 warning") : tr("%1 warnings").arg(wrong))});
}

void RecipeForm::apply_filter() {
  filter_.words = search_->text().trimmed();
  filter_.level = static_cast<FormFilter::Level>(level_->index());
  for (FormSection* section : sections_) section->set_filter(filter_);
  refresh();
}

void RecipeForm::explain(const QString& path) {
  const FieldSchema* field = model_->schema().find(path);
  if (field) help_->show_message(Tone::running, QLatin1String("info"), QString::fromStdString(field->parameter.help), path + QStringLiteral(" · ") + range_text(*field));
}

}  // namespace mimir
