#include "widgets/theme/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QToolTip>

#include "widgets/theme/desktop_appearance.h"
#include "widgets/theme/focus_ring.h"
#include "widgets/theme/palette.h"
#include "widgets/theme/style.h"

namespace mimir {
namespace {

constexpr int kDarkBelow = 110;  ///< lightness of a window's ground, of 255

}  // namespace

Theme::Theme(QObject* parent) : QObject(parent) {}

void Theme::apply(QApplication& application, Dress dress) {
  dress_ = dress;
  desktop_was_dark_ = QApplication::palette().color(QPalette::Window).lightness() < kDarkBelow;
  for (const char* file : {"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf", "JetBrainsMono-Medium.ttf"}) {
    QFontDatabase::addApplicationFont(QStringLiteral(":/fonts/%1").arg(QLatin1String(file)));
  }
  if (dress == Dress::full) QApplication::setStyle(new Style(*this));
  else QApplication::setStyle(QStringLiteral("Fusion"));
  QApplication::setFont(font(font::kBody));
  QToolTip::setFont(font(font::kLabel));
  new FocusRing(application);
  desktop_ = new DesktopAppearance(this);
  connect(desktop_, &DesktopAppearance::changed, this, [this] {
    if (appearance_ == Appearance::follow_desktop && wants_dark() != dark_) update();
  });
  update();
}

void Theme::set_appearance(Appearance appearance) {
  if (appearance == appearance_ || dress_ == Dress::plain) return;
  appearance_ = appearance;
  if (wants_dark() != dark_) update();
}

QFont Theme::font(const FontRole& role) const {
  QFont font(role.mono ? QStringLiteral("JetBrains Mono") : QStringLiteral("Inter"));
  font.setStyleHint(role.mono ? QFont::Monospace : QFont::SansSerif);
  font.setPixelSize(role.px);
  font.setWeight(static_cast<QFont::Weight>(role.weight));
  return font;
}

bool Theme::wants_dark() const {
  switch (appearance_) {
    case Appearance::dark: return true;
    case Appearance::light: return false;
    case Appearance::follow_desktop: break;
  }
  return desktop_ && desktop_->prefers_dark() ? *desktop_->prefers_dark() : desktop_was_dark_;
}

void Theme::update() {
  dark_ = wants_dark();
  if (dress_ == Dress::full) {
    QApplication::setPalette(palette_of(tokens()));
    QToolTip::setPalette(QApplication::palette());
  }
  Q_EMIT changed();
}

}  // namespace mimir
