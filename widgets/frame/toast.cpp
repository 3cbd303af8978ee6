#include "widgets/frame/toast.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>

#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kLifeMs = 6000;
constexpr int kShownAtMost = 3;
constexpr int kWidth = 360;

}  // namespace

Toast::Toast(Theme& theme, const QString& message, QWidget* parent) : QWidget(parent), theme_(&theme) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(42, 10, 10, 10);
  auto* words = new QLabel(message, this);
  words->setWordWrap(true);
  words->setTextFormat(Qt::PlainText);
  auto* away = new QToolButton(this);
  away->setIcon(icon(theme, QLatin1String("close")));
  away->setToolTip(tr("Dismiss"));
  away->setAccessibleName(tr("Dismiss: %1").arg(message));
  row->addWidget(words, 1);
  row->addWidget(away, 0, Qt::AlignTop);
  setAccessibleName(message);
  setFixedWidth(kWidth);
  life_.setSingleShot(true);
  life_.setInterval(kLifeMs);
  connect(&life_, &QTimer::timeout, this, &QObject::deleteLater);
  connect(away, &QToolButton::clicked, this, &QObject::deleteLater);
  life_.start();
}

void Toast::enterEvent(QEnterEvent*) { life_.stop(); }
void Toast::leaveEvent(QEvent*) { life_.start(); }

void Toast::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Theme::colour(t.control));
  painter.setBrush(Theme::colour(t.raised));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), size::kCardRadius, size::kCardRadius);
  paint_icon(painter, QRectF(14, height() / 2.0 - 8, 16, 16), QLatin1String("info"), Theme::colour(t.running));
}

Toasts::Toasts(Theme& theme, QWidget* window) : QObject(window), theme_(&theme), window_(window) { window->installEventFilter(this); }

void Toasts::say(const QString& message) {
  while (shown_.size() >= kShownAtMost) {
    Toast* oldest = shown_.takeFirst();
    oldest->hide();
    oldest->deleteLater();
  }
  auto* toast = new Toast(*theme_, message, window_);
  connect(toast, &QObject::destroyed, this, [this, toast] {
    shown_.removeAll(toast);
    arrange();
  });
  shown_ += toast;
  toast->show();
  arrange();
}

void Toasts::arrange() {
  int bottom = window_->height() - size::kStatusBar - 12;
  for (auto toast = shown_.rbegin(); toast != shown_.rend(); ++toast) {
    const int wide = std::min(kWidth, window_->width() - 24);
    (*toast)->setFixedWidth(wide);
    (*toast)->setFixedHeight((*toast)->layout()->totalHeightForWidth(wide));
    (*toast)->move(window_->width() - wide - 12, bottom - (*toast)->height());
    (*toast)->raise();
    bottom -= (*toast)->height() + 8;
  }
}

bool Toasts::eventFilter(QObject* watched, QEvent* event) {
  if (watched == window_ && event->type() == QEvent::Resize) arrange();
  return false;
}

}  // namespace mimir
