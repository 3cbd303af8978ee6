#include "widgets/form/field_row.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/form/elided_label.h"
#include "widgets/form/message_strip.h"
#include "widgets/format.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kDot = 5;
constexpr int kLabelLeft = 12;
constexpr int kUnitWidth = 46;
constexpr int kLabelWidth = 180;     ///< at most
constexpr int kLabelLeast = 40;
constexpr int kBesideLabel = 220;    ///< control, unit, revert button and their gaps, wherever the row stands

}  // namespace

FieldRow::FieldRow(Theme& theme, FormModel& model, const FieldSchema& field, QWidget* parent)
    : QWidget(parent), theme_(&theme), model_(&model), field_(field), label_(new ElidedLabel(field.label(), this)),
      editor_(new FieldEditor(theme, field, this)), revert_(new QToolButton(this)), message_(new MessageStrip(theme, this)) {
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(kLabelLeft, 0, 0, 0);
  all->setSpacing(2);
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  label_->setProperty("role", QStringLiteral("label"));
  row->addWidget(label_);
  row->addWidget(editor_, editor_->wide() ? 1 : 0);
  if (!editor_->wide()) {
    if (const std::string& unit = field.parameter.unit; !unit.empty() && unit != "1") {
      auto* caption = new QLabel(QString::fromStdString(unit), this);
      caption->setProperty("role", QStringLiteral("caption"));
      caption->setFixedWidth(kUnitWidth);
      row->addWidget(caption);
    }
    row->addStretch(1);
  }
  revert_->setIcon(icon(theme, QLatin1String("undo")));
  revert_->setFocusPolicy(Qt::StrongFocus);
  revert_->setAccessibleName(tr("Revert %1").arg(field.path()));
  QSizePolicy kept = revert_->sizePolicy();
  kept.setRetainSizeWhenHidden(true);  // nothing moves when a value changes
  revert_->setSizePolicy(kept);
  row->addWidget(revert_);
  all->addLayout(row);
  all->addWidget(message_);
  message_->hide();

  connect(editor_, &FieldEditor::typed, this, [this](const QString& text) {
    typing_ = true;
    model_->set_text(field_.path(), text);
    typing_ = false;
  });
  connect(editor_, &FieldEditor::finished, this, [this] {
    model_->end_edit();
    refresh();
  });
  connect(editor_, &FieldEditor::focused, this, [this] { Q_EMIT focused(field_.path()); });
  connect(revert_, &QToolButton::clicked, this, [this] {
    model_->revert(field_.path());
    editor_->setFocus();
  });
  connect(message_, &MessageStrip::acted, this, [this] {
    if (const FormProblem* problem = model_->problem_of(field_.path())) {
      model_->end_edit();
      model_->set_text(field_.path(), QString(problem->fix));
      model_->end_edit();
      editor_->setFocus();
    }
  });
  refresh();
}

void FieldRow::refresh() {
  if (!typing_) editor_->set_text(model_->text(field_.path()));  // "1." stays while 1.5 is typed over 1
  changed_ = model_->changed(field_.path());
  revert_->setVisible(changed_);
  revert_->setToolTip(tr("Back to %1").arg(model_->draft().base_text(field_)));
  const FormProblem* problem = model_->problem_of(field_.path());
  message_->setVisible(problem != nullptr);
  editor_->set_error(problem && problem->severity == Severity::error);
  if (problem) {
    const bool error = problem->severity == Severity::error;
    message_->show_message(error ? Tone::danger : Tone::warning, QLatin1String(error ? "error" : "warning"), sentence_text(problem->message.toStdString()));
    message_->set_verb(problem->fix.isEmpty() ? QString() : tr("Use %1").arg(problem->fix));
  }
  update();
}

void FieldRow::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  // All controls of a column begin at the same place, whether they take the rest of it or not.
  label_->setFixedWidth(std::clamp(width() - kBesideLabel, kLabelLeast, kLabelWidth));
}

QSize FieldRow::minimumSizeHint() const { return {kLabelLeast + kBesideLabel, QWidget::minimumSizeHint().height()}; }

void FieldRow::paintEvent(QPaintEvent*) {
  if (!changed_) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(theme_->tokens().accent));
  const QPoint middle(kDot / 2, label_->geometry().center().y());
  painter.drawEllipse(QRectF(middle.x() - kDot / 2.0 + 1, middle.y() - kDot / 2.0 + 0.5, kDot, kDot));
}

}  // namespace mimir
