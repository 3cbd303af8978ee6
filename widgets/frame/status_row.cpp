#include "widgets/frame/status_row.h"

#include <QDateTime>
#include <QDir>
#include <QPainter>

#include "widgets/format.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

double now_seconds() { return static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000; }

}  // namespace

StatusRow::StatusRow(Theme& theme, const QString& workspace, QWidget* parent) : QWidget(parent), theme_(&theme) {
  setFixedHeight(size::kStatusBar);
  const QString home = QDir::homePath();
  workspace_ = workspace.startsWith(home + QLatin1Char('/')) ? QLatin1Char('~') + workspace.mid(home.size()) : workspace;
  setToolTip(tr("Workspace: %1").arg(workspace));
  clock_.setInterval(1000);
  connect(&clock_, &QTimer::timeout, this, qOverload<>(&QWidget::update));
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
  show_runs(0, nullptr);
}

void StatusRow::show_runs(int count, const RunEntry* running) {
  runs_ = count == 0 ? tr("no runs yet") : count == 1 ? tr("1 run") : tr("%1 runs").arg(count);
  running_ = running != nullptr;
  heard_ = running && running->heartbeat ? std::optional(running->heartbeat->time) : std::nullopt;
  if (running_) clock_.start();
  else clock_.stop();
  setAccessibleName(tr("%1, %2, %3").arg(workspace_, runs_, live_words(now_seconds())));
  update();
}

QString StatusRow::live_words(double now) const {
  if (!running_) return tr("Nothing is running");
  if (!heard_) return tr("not heard yet");
  const double age = now - *heard_;
  return (age > kStaleAfter ? tr("last heard %1") : tr("heartbeat %1")).arg(age_text(age));
}

void StatusRow::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(QRect(0, 0, width(), 1), Theme::colour(t.border));
  painter.setFont(theme_->font(font::kCaption));
  const QFontMetrics metrics = painter.fontMetrics();
  const QColor colour = Theme::colour(t.text2);
  const qreal middle = (height() + 1) / 2.0;

  const double now = now_seconds();
  const QString words = live_words(now);
  qreal right = width() - 16 - metrics.horizontalAdvance(words);
  painter.setPen(colour);
  painter.drawText(QRectF(right, 1, width() - 16 - right, height() - 1), Qt::AlignVCenter | Qt::AlignLeft, words);
  if (running_) {
    const bool stale = !heard_ || now - *heard_ > kStaleAfter;
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::colour(stale ? t.warning : t.ok));
    right -= 12;
    painter.drawEllipse(QPointF(right + 3, middle), 3.5, 3.5);
    const QString state = stale ? tr("Silent") : tr("Live");
    painter.setFont(theme_->font({11, 600, false}));
    right -= painter.fontMetrics().horizontalAdvance(state) + 8;
    painter.setPen(Theme::colour(stale ? t.warning : t.text));
    painter.drawText(QRectF(right, 1, 80, height() - 1), Qt::AlignVCenter | Qt::AlignLeft, state);
    painter.setFont(theme_->font(font::kCaption));
  }

  qreal left = 16;
  const auto part = [&](QLatin1String picture, const QString& text, qreal room) {
    paint_icon(painter, QRectF(left, middle - 7, 14, 14), picture, colour);
    left += 14 + 6;
    const QString shown = metrics.elidedText(text, Qt::ElideMiddle, static_cast<int>(room));
    painter.setPen(colour);
    painter.drawText(QRectF(left, 1, room, height() - 1), Qt::AlignVCenter | Qt::AlignLeft, shown);
    left += metrics.horizontalAdvance(shown) + 16;
  };
  const qreal room = right - left - 40 - 20 - metrics.horizontalAdvance(runs_);
  part(QLatin1String("folder"), workspace_, std::max(60.0, room));
  part(QLatin1String("database"), runs_, metrics.horizontalAdvance(runs_) + 2);
}

}  // namespace mimir
