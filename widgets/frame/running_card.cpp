#include <QPainter>
#include <QPainterPath>

#include "widgets/format.h"
#include "widgets/frame/rail.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/status.h"

namespace mimir {
namespace {

constexpr int kCardHeight = 108;
constexpr int kQueuedHeight = 18;  ///< more where runs wait
constexpr int kRing = 36;
constexpr qreal kRingWidth = 3.5;
constexpr int kInset = 12;

}  // namespace

RunningCard::RunningCard(Theme& theme, QWidget* parent) : QAbstractButton(parent), theme_(&theme) {
  setFocusPolicy(Qt::TabFocus);
  setAttribute(Qt::WA_Hover);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  setAccessibleName(tr("Run at work"));
}

void RunningCard::set_narrow(bool narrow) {
  narrow_ = narrow;
  updateGeometry();
  update();
}

QSize RunningCard::sizeHint() const { return narrow_ ? QSize(kRing, kRing) : QSize(size::kRail - 12, kCardHeight + (queued_.isEmpty() ? 0 : kQueuedHeight)); }

void RunningCard::show_run(const RunEntry& run, int colour, int queued) {
  colour_ = colour;
  share_ = stage_share(run);
  word_ = status_look(run.condition).word;
  name_ = run_name(run);
  stage_ = stage_title(QString::fromStdString(run.heartbeat ? run.heartbeat->stage : run.condition.stage));
  if (run.heartbeat && run.heartbeat->epoch > 0) stage_ = tr("%1 · epoch %2").arg(stage_).arg(run.heartbeat->epoch);
  left_ = run.heartbeat && run.heartbeat->eta ? tr("ETA %1").arg(duration_text(*run.heartbeat->eta)) : tr("ETA not known yet");
  const bool grown = (queued > 0) == queued_.isEmpty();
  queued_ = queued > 0 ? tr("%1 queued after it").arg(queued) : QString();
  if (grown) updateGeometry();
  const QString percent = share_ ? tr("%1 %").arg(static_cast<int>(*share_ * 100)) : QString();
  const QStringList words{name_, word_, stage_, percent, left_};
  setAccessibleName(words.join(QStringLiteral(", ")));
  setToolTip(tr("%1\nOpen in Monitor").arg(words.join(QStringLiteral(" · "))));
  update();
}

void RunningCard::paint_ring(QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  QRectF ring(0, 0, kRing - kRingWidth, kRing - kRingWidth);
  ring.moveCenter(QRectF(rect()).center());
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(Theme::colour(t.track), kRingWidth));
  painter.drawEllipse(ring);
  const double share = share_.value_or(0);
  if (share > 0) {
    painter.setPen(QPen(Theme::colour(t.accent), kRingWidth, Qt::SolidLine, Qt::FlatCap));
    painter.drawArc(ring, 90 * 16, static_cast<int>(-share * 360 * 16));
  }
  painter.setFont(theme_->font(font::kTick));
  painter.setPen(Theme::colour(t.text));
  painter.drawText(ring, Qt::AlignCenter, share_ ? QString::number(static_cast<int>(share * 100)) : QStringLiteral("…"));
}

void RunningCard::paint_card(QPainter& painter) const {
  const Tokens& t = theme_->tokens();
  painter.setPen(Theme::colour(underMouse() ? t.control : t.border));
  painter.setBrush(Theme::colour(t.surface));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), size::kCardRadius, size::kCardRadius);
  const QRectF inside = QRectF(rect()).adjusted(kInset, 8, -kInset, -8);
  const auto line = [&](qreal top) { return QRectF(inside.left(), inside.top() + top, inside.width(), 18); };
  painter.setFont(theme_->font(font::kCaption));
  painter.setPen(Theme::colour(t.text2));
  painter.drawText(line(0), Qt::AlignVCenter | Qt::AlignLeft, word_);
  if (share_) {
    painter.setFont(theme_->font(font::kCaptionNumber));
    painter.setPen(Theme::colour(t.text));
    painter.drawText(line(0), Qt::AlignVCenter | Qt::AlignRight, tr("%1 %").arg(static_cast<int>(*share_ * 100)));
  }
  const QRectF named = line(23);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme_->run_colour(colour_));
  painter.drawEllipse(QPointF(named.left() + 4, named.center().y()), 4, 4);
  painter.setFont(theme_->font({12, 500, false}));
  painter.setPen(Theme::colour(t.text));
  const auto elided = [&](const QString& text, qreal width) { return painter.fontMetrics().elidedText(text, Qt::ElideMiddle, static_cast<int>(width)); };
  painter.drawText(named.adjusted(14, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, elided(name_, named.width() - 14));
  painter.setFont(theme_->font(font::kCaption));
  painter.setPen(Theme::colour(t.text2));
  painter.drawText(line(43), Qt::AlignVCenter | Qt::AlignLeft, elided(stage_, inside.width()));
  const QRectF bar(inside.left(), inside.top() + 65, inside.width(), 4);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.track));
  painter.drawRoundedRect(bar, 2, 2);
  if (share_.value_or(0) > 0) {
    painter.setBrush(Theme::colour(t.accent));
    painter.drawRoundedRect(QRectF(bar.topLeft(), QSizeF(std::max(4.0, bar.width() * *share_), 4)), 2, 2);
  }
  painter.setPen(Theme::colour(t.text2));
  painter.drawText(line(73), Qt::AlignVCenter | Qt::AlignLeft, elided(left_, inside.width()));
  if (!queued_.isEmpty()) painter.drawText(line(73 + kQueuedHeight), Qt::AlignVCenter | Qt::AlignLeft, elided(queued_, inside.width()));
}

void RunningCard::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (narrow_) paint_ring(painter);
  else paint_card(painter);
}

}  // namespace mimir
