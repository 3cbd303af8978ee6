#include "widgets/panels/monitor/condition_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

#include "widgets/form/action_button.h"
#include "widgets/format.h"
#include "widgets/theme/icon.h"

namespace mimir {

ConditionStrip::ConditionStrip(Theme& theme, const QList<QAction*>& actions, QWidget* parent)
    : QWidget(parent), theme_(&theme), text_(new QLabel(this)) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(36, 6, 8, 6);
  layout->setSpacing(12);
  layout->addWidget(text_, 1);
  for (QAction* action : actions) {
    auto* button = new ActionButton(action, this);
    button->setProperty("compact", true);
    layout->addWidget(button);
  }
  text_->setWordWrap(true);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  text_->setAccessibleName(tr("What is wrong with the run"));
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
  hide();
}

QString ConditionStrip::sentence(const RunEntry& run, double now) {
  const QString id = run.id;
  const QString resume = tr("Resume goes on from the last checkpoint; in a terminal: mimir resume %1").arg(id);
  const QString reason = sentence_text(run.condition.reason.value_or(std::string()));
  if (!run.problem.empty()) return QString::fromStdString(run.problem);
  switch (run.condition.status) {
    case RunStatus::lost: {
      const QString since = run.condition.heard ? tr("It was last heard %1.").arg(age_text(now - *run.condition.heard)) : tr("It was never heard.");
      return tr("The trainer is gone without a word. %1 %2").arg(since, resume);
    }
    case RunStatus::failed: return tr("%1 %2").arg(reason.isEmpty() ? tr("The run failed.") : reason, resume);
    case RunStatus::stopped: return tr("%1 %2").arg(reason.isEmpty() ? tr("Stopped.") : reason, resume);
    case RunStatus::paused: return tr("Paused: the trainer waits and keeps its memory.");
    default: break;
  }
  if (run.condition.stale && run.condition.heard) return tr("No word from the trainer: last heard %1.").arg(age_text(now - *run.condition.heard));
  return {};
}

void ConditionStrip::show_condition(const RunEntry* run, double now) {
  const QString text = run ? sentence(*run, now) : QString();
  setVisible(!text.isEmpty());
  if (text.isEmpty()) return;
  look_ = run->problem.empty() ? status_look(run->condition) : StatusLook{Tone::danger, QLatin1String("error"), tr("Damaged")};
  if (run->condition.stale && run->condition.status == RunStatus::running) look_ = {Tone::warning, QLatin1String("warning"), tr("Stale")};
  if (text_->text() != text) text_->setText(text);
  update();
}

void ConditionStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(tone_ground(*theme_, look_.tone));
  painter.drawRoundedRect(rect(), size::kCardRadius, size::kCardRadius);
  paint_icon(painter, QRectF(12, height() / 2.0 - 8, 16, 16), look_.icon, tone_colour(*theme_, look_.tone));
}

}  // namespace mimir
