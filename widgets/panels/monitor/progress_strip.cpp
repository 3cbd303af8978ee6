#include "widgets/panels/monitor/progress_strip.h"

#include <QDateTime>
#include <QPainter>

#include "widgets/format.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/status.h"

namespace mimir {
namespace {

constexpr int kStageWidth = 150;  ///< below it a strip shows one stage only
constexpr int kFactWidth = 88;

struct StageLook {
  QLatin1String icon;
  Tone tone;
};

StageLook look_of(StageState state) {
  switch (state) {
    case StageState::waiting: return {QLatin1String("clock"), Tone::neutral};
    case StageState::running: return {QLatin1String("play"), Tone::running};
    case StageState::finished: return {QLatin1String("ok"), Tone::ok};
    case StageState::stopped: return {QLatin1String("stop"), Tone::neutral};
    case StageState::failed: return {QLatin1String("error"), Tone::danger};
  }
  return {QLatin1String("clock"), Tone::neutral};
}

}  // namespace

ProgressStrip::ProgressStrip(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ProgressStrip::show_progress(const RunProgress& progress, double now) {
  progress_ = progress;
  now_ = now;
  QStringList words;
  for (const StageProgress& stage : progress_.stages) words += tr("%1: %2 %").arg(stage_title(stage.stage)).arg(static_cast<int>(100 * stage.share()));
  for (const Fact& fact : facts()) words += fact.label + QLatin1String(": ") + fact.value;
  setAccessibleName(tr("Progress"));
  setAccessibleDescription(words.join(QLatin1String(", ")));
  update();
}

std::vector<ProgressStrip::Fact> ProgressStrip::facts() const {
  std::vector<Fact> facts;
  const bool any = progress_.current >= 0;
  const StageProgress current = any ? progress_.stages[static_cast<std::size_t>(progress_.current)] : StageProgress{};
  facts.push_back({tr("Step"), any ? fixed_text(static_cast<double>(current.step), 0) : kMissing});
  facts.push_back({tr("Elapsed"), progress_.elapsed ? duration_text(*progress_.elapsed) : kMissing});
  if (any && current.state == StageState::running) {
    const QString left = progress_.eta ? duration_text(*progress_.eta) : tr("measuring");
    facts.push_back({progress_.more_stages ? tr("Stage ends in") : tr("ETA"), left});
    const QString end = progress_.eta ? QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(1000 * (now_ + *progress_.eta))).toString(QStringLiteral("HH:mm")) : kMissing;
    facts.push_back({progress_.more_stages ? tr("Stage done by") : tr("Done by"), end});
  }
  return facts;
}

void ProgressStrip::paint_stage(QPainter& painter, const QRect& area, const StageProgress& stage, bool current) const {
  const Tokens& t = theme_->tokens();
  const StageLook look = look_of(stage.state);
  const int middle = area.top() + 12;
  paint_icon(painter, QRectF(area.left(), middle - 7, 14, 14), look.icon, tone_colour(*theme_, look.tone));

  int x = area.left() + 22;
  const QFont heading = theme_->font(font::kHeading), label = theme_->font(font::kLabel), number = theme_->font(font::kNumber);
  painter.setFont(heading);
  painter.setPen(Theme::colour(current ? t.text : t.text2));
  const QString title = stage_title(stage.stage);
  painter.drawText(QRect(x, middle - 10, area.right() - x, 20), Qt::AlignVCenter, title);
  x += QFontMetrics(heading).horizontalAdvance(title) + 8;

  QString percent;
  if (stage.state != StageState::waiting && stage.state != StageState::finished) percent = tr("%1 %").arg(static_cast<int>(100 * stage.share()));
  const int percent_width = percent.isEmpty() ? 0 : QFontMetrics(number).horizontalAdvance(percent) + 8;
  QString detail;
  if (stage.epochs > 0) detail = stage.epoch > 0 && stage.state != StageState::finished ? tr("epoch %1 of %2").arg(stage.epoch).arg(stage.epochs) : tr("%n epochs", nullptr, static_cast<int>(stage.epochs));
  painter.setFont(label);
  painter.setPen(Theme::colour(t.text2));
  const int room = area.right() - percent_width - x;
  if (QFontMetrics(label).horizontalAdvance(detail) > room && stage.epochs > 0) detail = stage.epoch > 0 ? tr("%1 of %2").arg(stage.epoch).arg(stage.epochs) : QString::number(stage.epochs);
  painter.drawText(QRect(x, middle - 10, room, 20), Qt::AlignVCenter, QFontMetrics(label).elidedText(detail, Qt::ElideRight, room));
  painter.setFont(number);
  painter.setPen(Theme::colour(t.text));
  painter.drawText(QRect(area.right() - percent_width, middle - 10, percent_width, 20), Qt::AlignVCenter | Qt::AlignRight, percent);

  const QRectF track(area.left(), area.top() + 28, area.width(), 4);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.track));
  painter.drawRoundedRect(track, 2, 2);
  const double share = stage.share();
  if (share > 0) {
    const std::uint32_t fill = stage.state == StageState::failed ? t.danger : stage.state == StageState::finished ? t.ok : t.accent;
    painter.setBrush(Theme::colour(fill));
    painter.drawRoundedRect(QRectF(track.left(), track.top(), std::max(4.0, track.width() * share), 4), 2, 2);
  }
}

void ProgressStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Tokens& t = theme_->tokens();
  painter.setPen(QPen(Theme::colour(t.border), 1));
  painter.setBrush(Theme::colour(t.surface));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), size::kCardRadius, size::kCardRadius);

  const std::vector<Fact> facts = this->facts();
  const int facts_width = static_cast<int>(facts.size()) * (kFactWidth + 8);
  const QRect inside = rect().adjusted(16, 10, -16, -10);
  const int room = inside.width() - facts_width - 24;
  const int count = static_cast<int>(progress_.stages.size());
  if (count > 0) {
    const bool all = room / count >= kStageWidth;
    const int shown = all ? count : 1;
    const int width = (room - 16 * (shown - 1)) / shown;
    for (int i = 0; i < shown; ++i) {
      const int index = all ? i : std::max(0, progress_.current);
      paint_stage(painter, QRect(inside.left() + i * (width + 16), inside.top(), width, inside.height()), progress_.stages[static_cast<std::size_t>(index)], index == progress_.current);
    }
  }
  int x = inside.right() - facts_width + 8;
  painter.setPen(QPen(Theme::colour(t.border), 1));
  painter.drawLine(x - 16, inside.top(), x - 16, inside.bottom());
  for (const Fact& fact : facts) {
    painter.setFont(theme_->font(font::kCaption));
    painter.setPen(Theme::colour(t.text3));
    painter.drawText(QRect(x, inside.top() - 1, kFactWidth, 16), Qt::AlignVCenter, fact.label);
    painter.setFont(theme_->font(font::kNumber));
    painter.setPen(Theme::colour(t.text));
    painter.drawText(QRect(x, inside.top() + 17, kFactWidth, 18), Qt::AlignVCenter, fact.value);
    x += kFactWidth + 8;
  }
}

}  // namespace mimir
