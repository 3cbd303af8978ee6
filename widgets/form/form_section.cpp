#include "widgets/form/form_section.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QMouseEvent>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/form/elided_label.h"
#include "widgets/form/switch.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/status_pill.h"

namespace mimir {
namespace {

constexpr int kTwoColumns = 660;  ///< px of width from which rows stand side by side

}  // namespace

FormSection::FormSection(Theme& theme, FormModel& model, QString section, QWidget* parent)
    : Card(theme, {}, parent), theme_(&theme), model_(&model), section_(std::move(section)), head_(new QWidget(this)),
      chevron_(new QToolButton(this)), summary_(new ElidedLabel({}, this, Qt::ElideRight)), changes_(new StatusPill(theme, this)),
      problems_(new StatusPill(theme, this)), content_(new QWidget(this)) {
  const QString name = title(section_);
  setAccessibleName(name);
  auto* head = new QHBoxLayout(head_);
  head->setContentsMargins(0, 0, 0, 0);
  head->setSpacing(size::kGap);
  chevron_->setFocusPolicy(Qt::StrongFocus);
  auto* heading = new QLabel(name, head_);
  heading->setProperty("role", QStringLiteral("name"));
  summary_->setProperty("role", QStringLiteral("caption"));
  head->addWidget(chevron_);
  head->addWidget(heading);
  head->addWidget(summary_, 1);
  head->addWidget(problems_);
  head->addWidget(changes_);
  if (is_stage(section_)) {
    switch_ = new Switch(theme, head_);
    switch_->setAccessibleName(tr("Run stage %1").arg(name));
    switch_->setToolTip(tr("Whether the run has this stage"));
    head->addWidget(switch_);
    connect(switch_, &Switch::clicked, this, [this](bool on) {
      model_->set_stage(section_, on);
      if (on) set_open(true);
    });
  }
  body()->setSpacing(4);
  body()->addWidget(head_);

  grid_ = new QGridLayout(content_);
  grid_->setContentsMargins(0, 4, 0, 0);
  grid_->setHorizontalSpacing(16);
  grid_->setVerticalSpacing(4);
  for (const FieldSchema& field : model.schema().fields) {
    if (field.section() != section_) continue;
    auto* row = new FieldRow(theme, model, field, content_);
    row->hide();
    connect(row, &FieldRow::focused, this, &FormSection::focused);
    rows_.push_back(row);
  }
  body()->addWidget(content_);
  connect(chevron_, &QToolButton::clicked, this, [this] { set_open(!open_); });
  refresh();
}

FieldRow* FormSection::row(const QString& path) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const FieldRow* r) { return r->field().path() == path; });
  return found == rows_.end() ? nullptr : *found;
}

void FormSection::set_open(bool open) {
  if (open == open_) return;
  open_ = open;
  refresh();
  Q_EMIT open_changed();
}

void FormSection::set_filter(const FormFilter& filter) {
  filter_ = filter;
  refresh();
}

void FormSection::refresh() {
  for (FieldRow* row : rows_) row->refresh();
  const bool present = !switch_ || model_->draft().has_stage(section_);
  if (switch_) switch_->setChecked(present);
  const int changed = model_->changes(section_), wrong = model_->problem_count(section_);
  changes_->setVisible(changed > 0);
  changes_->show_look({Tone::neutral, QLatin1String("brush"), tr("%n changed", nullptr, changed)});
  problems_->setVisible(wrong > 0);
  const bool error = std::any_of(rows_.begin(), rows_.end(), [&](const FieldRow* row) {
    const FormProblem* problem = model_->problem_of(row->field().path());
    return problem && problem->severity == Severity::error;
  }) || model_->problem_of(section_);
  problems_->show_look({error ? Tone::danger : Tone::warning, QLatin1String(error ? "error" : "warning"), tr("%n to look at", nullptr, wrong)});
  const FormProblem* whole = model_->problem_of(section_);
  summary_->set_full_text(whole ? whole->message : summary());

  std::vector<FieldRow*> shown;
  if (present) std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(shown), [this](const FieldRow* row) { return passes(*row); });
  const bool narrowed = !filter_.words.isEmpty() || filter_.level == FormFilter::Level::changed;
  const bool unfolded = (open_ || narrowed) && !shown.empty();
  chevron_->setIcon(icon(*theme_, QLatin1String(unfolded ? "chevron-down" : "chevron-right")));
  chevron_->setAccessibleName(unfolded ? tr("Fold %1").arg(title(section_)) : tr("Unfold %1").arg(title(section_)));
  chevron_->setEnabled(present && !narrowed);
  content_->setVisible(unfolded);
  // While looking for something, sections without it are out of the way.
  setVisible(!narrowed || !shown.empty() || (filter_.words.isEmpty() && changed > 0));
  if (shown == arranged_ && columns_ != 0) return;
  arranged_ = std::move(shown);
  arrange();
}

void FormSection::resizeEvent(QResizeEvent* event) {
  Card::resizeEvent(event);
  const int columns = width() >= kTwoColumns ? 2 : 1;
  if (columns != columns_) arrange();
}

void FormSection::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && head_->geometry().contains(event->pos()) && chevron_->isEnabled()) set_open(!open_);
  else Card::mousePressEvent(event);
}

bool FormSection::passes(const FieldRow& row) const {
  const FieldSchema& field = row.field();
  if (!model_->draft().applies(model_->schema(), field)) return false;
  if (!filter_.words.isEmpty()) {
    return field.path().contains(filter_.words, Qt::CaseInsensitive) ||
           QString::fromStdString(field.parameter.help).contains(filter_.words, Qt::CaseInsensitive);
  }
  const bool marked = model_->changed(field.path()) || model_->problem_of(field.path());
  switch (filter_.level) {
    case FormFilter::Level::all: return true;
    case FormFilter::Level::common: return marked || !field.parameter.advanced;
    case FormFilter::Level::changed: return model_->changed(field.path());
  }
  return true;
}

void FormSection::arrange() {
  columns_ = width() >= kTwoColumns ? 2 : 1;
  for (FieldRow* row : rows_) {
    grid_->removeWidget(row);
    if (std::find(arranged_.begin(), arranged_.end(), row) == arranged_.end()) row->hide();
  }
  // Down the first column, then the second: the order of the recipe, and of Tab.
  const int count = static_cast<int>(arranged_.size()), half = columns_ == 2 ? (count + 1) / 2 : count;
  for (int i = 0; i < count; ++i) {
    grid_->addWidget(arranged_[static_cast<std::size_t>(i)], i % std::max(half, 1), i / std::max(half, 1), Qt::AlignTop);
    arranged_[static_cast<std::size_t>(i)]->show();
  }
  grid_->setColumnStretch(0, 1);
  grid_->setColumnStretch(1, columns_ == 2 ? 1 : 0);
}

QString FormSection::title(const QString& section) {
  if (section == QLatin1String("data")) return tr("Data");
  if (section == QLatin1String("model")) return tr("Model");
  if (section == QLatin1String("pretrain")) return tr("Pre-train");
  if (section == QLatin1String("finetune")) return tr("Fine-tune");
  if (section == QLatin1String("evaluate")) return tr("Evaluate");
  return tr("Compute");
}

QString FormSection::summary() const {
  if (switch_ && !switch_->isChecked()) return tr("not part of the run");
  const auto text = [this](const char* key) { return model_->text(section_ + QLatin1Char('.') + QLatin1String(key)); };
  const auto images = [](const QString& count) { return count == QLatin1String("0") ? tr("all images") : tr("%1 images").arg(count); };
  QStringList parts;
  if (section_ == QLatin1String("data")) parts << text("name") << images(text("train_images"));
  else if (section_ == QLatin1String("model")) parts << text("name") << tr("%1 px in patches of %2").arg(text("img_size"), text("patch_size"));
  else if (section_ == QLatin1String("evaluate")) parts << text("attacks") << images(text("images"));
  else if (section_ == QLatin1String("compute")) parts << text("device") << text("precision") << tr("seed %1").arg(model_->text(QStringLiteral("seed")));
  else parts << text("method") << tr("%1 epochs").arg(text("epochs"));
  parts.removeAll(QString());
  return parts.join(QStringLiteral(" · "));
}

}  // namespace mimir
