#include "widgets/theme/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QStyleFactory>

namespace mimir {

Theme::Theme(QObject* parent) : QObject(parent) {}

void Theme::apply(QApplication& application) {
  application_ = &application;
  for (const char* file : {"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf", "JetBrainsMono-Medium.ttf"}) {
    QFontDatabase::addApplicationFont(QStringLiteral(":/fonts/%1").arg(QLatin1String(file)));
  }
  QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  update();
}

void Theme::set_appearance(Appearance appearance) {
  appearance_ = appearance;
  update();
}

QFont Theme::font(const FontRole& role) const {
  QFont font(role.mono ? QStringLiteral("JetBrains Mono") : QStringLiteral("Inter"));
  font.setPixelSize(role.px);
  font.setWeight(static_cast<QFont::Weight>(role.weight));
  return font;
}

void Theme::update() {
  dark_ = appearance_ != Appearance::light;
  if (application_) {
    const Tokens& t = tokens();
    QPalette palette(colour(t.text), colour(t.canvas));
    palette.setColor(QPalette::Base, colour(t.field));
    palette.setColor(QPalette::Text, colour(t.text));
    QApplication::setPalette(palette);
    QApplication::setFont(font(font::kBody));
  }
  Q_EMIT changed();
}

}  // namespace mimir
