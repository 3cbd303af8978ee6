#include "widgets/theme/status.h"

#include <QFontMetrics>
#include <QPainter>

#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kPillHeight = 20;
constexpr int kPillSide = 8;
constexpr int kPillIcon = 13;
constexpr int kPillGap = 4;
constexpr FontRole kPillFont{11, 500, false};

QString tr(const char* text) { return QCoreApplication::translate("mimir::Status", text); }

}  // namespace

StatusLook status_look(const RunCondition& condition) {
  switch (condition.status) {
    case RunStatus::queued: return {Tone::neutral, QLatin1String("clock"), tr("Queued")};
    case RunStatus::starting: return {Tone::running, QLatin1String("play"), tr("Starting")};
    case RunStatus::running:
      if (condition.stopping) return {Tone::neutral, QLatin1String("stop"), tr("Stopping")};
      return {Tone::running, QLatin1String("play"), tr("Running")};
    case RunStatus::paused: return {Tone::warning, QLatin1String("pause"), tr("Paused")};
    case RunStatus::finished: return {Tone::ok, QLatin1String("ok"), tr("Finished")};
    case RunStatus::stopped: return {Tone::neutral, QLatin1String("stop"), tr("Stopped")};
    case RunStatus::failed:
      return {Tone::danger, QLatin1String("error"), condition.code == "diverged" ? tr("Diverged") : tr("Failed")};
    case RunStatus::lost: return {Tone::warning, QLatin1String("help"), tr("Lost")};
  }
  return {};
}

QColor tone_colour(const Theme& theme, Tone tone) {
  const Tokens& t = theme.tokens();
  switch (tone) {
    case Tone::running: return Theme::colour(t.running);
    case Tone::ok: return Theme::colour(t.ok);
    case Tone::warning: return Theme::colour(t.warning);
    case Tone::danger: return Theme::colour(t.danger);
    case Tone::neutral: break;
  }
  return Theme::colour(t.neutral);
}

QColor tone_ground(const Theme& theme, Tone tone) {
  const Tokens& t = theme.tokens();
  switch (tone) {
    case Tone::running: return Theme::colour(t.runningSoft);
    case Tone::ok: return Theme::colour(t.okSoft);
    case Tone::warning: return Theme::colour(t.warningSoft);
    case Tone::danger: return Theme::colour(t.dangerSoft);
    case Tone::neutral: break;
  }
  return Theme::colour(t.neutralSoft);
}

QSize status_pill_size(const Theme& theme, const StatusLook& look) {
  const QFontMetrics metrics(theme.font(kPillFont));
  const int picture = look.icon.isEmpty() ? 0 : kPillIcon + kPillGap;
  return {2 * kPillSide + picture + metrics.horizontalAdvance(look.word), kPillHeight};
}

void paint_status_pill(QPainter& painter, const QRectF& rect, const Theme& theme, const StatusLook& look) {
  const QSizeF size = status_pill_size(theme, look);
  const QRectF pill(rect.left(), std::round(rect.center().y() - size.height() / 2), std::min(size.width(), rect.width()), size.height());
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(tone_ground(theme, look.tone));
  painter.drawRoundedRect(pill, kPillHeight / 2.0, kPillHeight / 2.0);
  const QColor colour = tone_colour(theme, look.tone);
  QRectF text = pill.adjusted(kPillSide, 0, -kPillSide + 1, 0);
  if (!look.icon.isEmpty()) {
    paint_icon(painter, QRectF(text.left(), pill.center().y() - kPillIcon / 2.0, kPillIcon, kPillIcon), look.icon, colour);
    text.setLeft(text.left() + kPillIcon + kPillGap);
  }
  painter.setPen(look.tone == Tone::neutral ? Theme::colour(theme.tokens().text2) : colour);
  painter.setFont(theme.font(kPillFont));
  const QString word = painter.fontMetrics().elidedText(look.word, Qt::ElideRight, static_cast<int>(text.width()));
  painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft, word);
  painter.restore();
}

}  // namespace mimir
