#pragma once

#include <QColor>
#include <QFont>
#include <QObject>

#include "widgets/theme/tokens.h"

class QApplication;

namespace mimir {

class DesktopAppearance;

enum class Appearance { follow_desktop, light, dark };

/// What the window looks like. Owned by the application, passed on by Session. Painters read tokens when they paint
/// and keep no colour; changed() says that they must paint again.
class Theme : public QObject {
  Q_OBJECT

 public:
  explicit Theme(QObject* parent = nullptr);

  /// Plain: Fusion as it is, in the desktop's palette, for when something of the full dress does not work.
  enum class Dress { full, plain };
  /// Sets style, palette and fonts. Once, before the first widget.
  void apply(QApplication& application, Dress dress = Dress::full);
  /// Takes effect at once and everywhere.
  void set_appearance(Appearance appearance);
  Appearance appearance() const { return appearance_; }

  bool dark() const { return dark_; }
  const Tokens& tokens() const { return dark_ ? kDarkTokens : kLightTokens; }
  static QColor colour(std::uint32_t rgb) { return QColor::fromRgb(rgb | 0xFF000000U); }
  /// Of a run by its palette index, whatever its size.
  QColor run_colour(int index) const { return colour(tokens().runs[static_cast<std::size_t>(index) % tokens().runs.size()]); }
  QFont font(const FontRole& role) const;

 Q_SIGNALS:
  void changed();

 private:
  bool wants_dark() const;
  void update();

  Dress dress_ = Dress::full;
  DesktopAppearance* desktop_ = nullptr;
  Appearance appearance_ = Appearance::follow_desktop;
  bool dark_ = true;
  bool desktop_was_dark_ = true;  ///< by the palette as it was before ours
};

}  // namespace mimir
