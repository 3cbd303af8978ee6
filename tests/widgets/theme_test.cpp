#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDBusVariant>
#include <QDirIterator>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QStyle>
#include <QTest>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/theme/card.h"
#include "widgets/theme/desktop_appearance.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"
#include "widgets/theme/status_pill.h"

using namespace mimir;

namespace {

double luminance(std::uint32_t rgb) {
  const auto linear = [](std::uint32_t byte) {
    const double c = byte / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(rgb >> 16 & 255U) + 0.7152 * linear(rgb >> 8 & 255U) + 0.0722 * linear(rgb & 255U);
}

/// WCAG 2.2.
double contrast(std::uint32_t a, std::uint32_t b) {
  const double x = luminance(a);
  const double y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

/// Every control in every kind, to be looked at and compared.
QWidget* control_sheet(Theme& theme) {
  auto* sheet = new QWidget;
  auto* column = new QVBoxLayout(sheet);
  auto* card = new Card(theme, QStringLiteral("Controls"));
  card->set_caption(QStringLiteral("all kinds"));
  auto* pill = new StatusPill(theme);
  RunCondition running;
  running.status = RunStatus::running;
  pill->show_look(status_look(running));
  card->header()->addWidget(pill);
  column->addWidget(card);
  const auto row = [card] {
    auto* line = new QHBoxLayout;
    card->body()->addLayout(line);
    return line;
  };
  auto* buttons = row();
  for (const char* kind : {"primary", "", "danger", "destructive", "flat"}) {
    const QLatin1String name(kind);
    const bool filled = name == QLatin1String("primary") || name == QLatin1String("destructive");
    auto* button = new QPushButton(icon(theme, QLatin1String("play"), filled ? &Tokens::onAccent : &Tokens::text), name);
    button->setProperty("kind", QLatin1String(kind));
    buttons->addWidget(button);
  }
  auto* off = new QPushButton(icon(theme, QLatin1String("stop")), QStringLiteral("Disabled"));
  off->setEnabled(false);
  buttons->addWidget(off);
  auto* fields = row();
  fields->addWidget(new QLineEdit(QStringLiteral("8/255")));
  auto* wrong = new QLineEdit(QStringLiteral("8/25x"));
  wrong->setProperty("state", QStringLiteral("error"));
  fields->addWidget(wrong);
  auto* combo = new QComboBox;
  combo->addItems({QStringLiteral("Cross-entropy"), QStringLiteral("Margin")});
  fields->addWidget(combo);
  fields->addWidget(new QSpinBox);
  auto* choices = row();
  auto* checked = new QCheckBox(QStringLiteral("Checked"));
  checked->setChecked(true);
  choices->addWidget(checked);
  choices->addWidget(new QCheckBox(QStringLiteral("Not checked")));
  auto* chosen = new QRadioButton(QStringLiteral("Chosen"));
  chosen->setChecked(true);
  choices->addWidget(chosen);
  choices->addWidget(new QRadioButton(QStringLiteral("Other")));
  choices->addWidget(new SegmentedControl(theme, QStringLiteral("Kind"), {QStringLiteral("Clean"), QStringLiteral("Adversarial"), QStringLiteral("Difference")}));
  auto* bars = row();
  auto* slider = new QSlider(Qt::Horizontal);
  slider->setValue(50);
  bars->addWidget(slider);
  auto* progress = new QProgressBar;
  progress->setTextVisible(false);
  progress->setValue(62);
  bars->addWidget(progress);
  auto* pills = row();
  for (const RunStatus status : {RunStatus::running, RunStatus::finished, RunStatus::lost, RunStatus::failed, RunStatus::queued, RunStatus::paused}) {
    RunCondition condition;
    condition.status = status;
    auto* each = new StatusPill(theme);
    each->show_look(status_look(condition));
    pills->addWidget(each);
  }
  pills->addStretch(1);
  auto* empty = new EmptyState(theme, QLatin1String("image"), QStringLiteral("No checkpoint with a decoder"), QStringLiteral("This run was fine-tuned from hsic-1e-4 · s1, which has one."));
  empty->add_button(QStringLiteral("Open hsic-1e-4 · s1"), EmptyState::Kind::plain);
  auto* second = new Card(theme, QStringLiteral("Empty"));
  second->body()->addWidget(empty);
  column->addWidget(second, 1);
  sheet->resize(760, 640);
  return sheet;
}

/// How many pixels of an icon have this colour.
int pixels_of(const QPixmap& pixmap, const QColor& colour) {
  const QImage image = pixmap.toImage().convertToFormat(QImage::Format_ARGB32);
  int count = 0;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == colour ? 1 : 0;
  return count;
}

}  // namespace

class ThemeTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme_.apply(*qApp); }

  void TextKeepsItsContrastOnEveryGround() {
    for (const Tokens& t : {kDarkTokens, kLightTokens}) {
      const bool dark = t.canvas == kDarkTokens.canvas;
      for (const std::uint32_t ground : {t.canvas, t.surface, t.hover, t.selection, t.raised, t.sunken, t.field}) {
        QVERIFY(contrast(t.text, ground) >= 10.2);
        QVERIFY(contrast(t.text2, ground) >= 6.0);
        QVERIFY(contrast(t.focus, ground) >= 4.8);
        QVERIFY(contrast(t.accent, ground) >= 4.75);
      }
      for (const std::uint32_t ground : {t.canvas, t.surface, t.hover, t.raised, t.sunken, t.field}) QVERIFY(contrast(t.text3, ground) >= 4.5);
      for (const std::uint32_t ground : {t.canvas, t.surface}) {
        QVERIFY(contrast(t.link, ground) >= 7.0);
        QVERIFY(contrast(t.fieldLine, ground) >= 3.0);
        QVERIFY(contrast(t.borderStrong, ground) >= 3.0);
        QVERIFY(contrast(t.clean, ground) >= 4.5);
        QVERIFY(contrast(t.adversarial, ground) >= 4.5);
        QVERIFY(contrast(t.crosshair, ground) >= 9.2);
      }
      QVERIFY(contrast(t.text, t.accentSoft) >= 11.8);
      QVERIFY(contrast(t.onAccent, t.accentFill) >= (dark ? 4.95 : 6.05));
      QVERIFY(contrast(t.onAccent, t.accentFillHover) >= 5.65);
      QVERIFY(contrast(t.onAccent, t.dangerFill) >= 4.95);
      QVERIFY(contrast(t.running, t.runningSoft) >= 5.15);
      QVERIFY(contrast(t.ok, t.okSoft) >= 4.85);
      QVERIFY(contrast(t.warning, t.warningSoft) >= 5.25);
      QVERIFY(contrast(t.danger, t.dangerSoft) >= 4.85);
      QVERIFY(contrast(t.neutral, t.neutralSoft) >= 4.75);
      QVERIFY(contrast(t.text2, t.neutralSoft) >= 4.5);
      for (const std::uint32_t run : t.runs) QVERIFY(contrast(run, t.surface) >= (dark ? 4.6 : 3.05));
    }
  }

  void OnlyTokensNameColours() {
    static const QRegularExpression named(QStringLiteral("#[0-9A-Fa-f]{6}\\b|\\b0x[0-9A-Fa-f]{6}\\b|\"#[0-9A-Fa-f]{3}\""));
    int files = 0;
    for (const char* folder : {"widgets", "app/workbench"}) {
      QDirIterator all(QStringLiteral(MIMIR_SOURCE_DIR "/") + QLatin1String(folder), {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files, QDirIterator::Subdirectories);
      while (all.hasNext()) {
        const QString path = all.next();
        if (path.endsWith(QLatin1String("theme/tokens.h"))) continue;
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto match = named.match(QString::fromUtf8(file.readAll()));
        QVERIFY2(!match.hasMatch(), qPrintable(path + QStringLiteral(" names ") + match.captured()));
        ++files;
      }
    }
    QVERIFY(files > 20);
  }

  void IconsTakeTheColourOfTheirToken() {
    theme_.set_appearance(Appearance::dark);
    const QIcon plain = icon(theme_, QLatin1String("stop"));
    const QIcon tinted = icon(theme_, QLatin1String("stop"), &Tokens::danger);
    QVERIFY(pixels_of(plain.pixmap(QSize(32, 32), 1), Theme::colour(kDarkTokens.text2)) > 20);
    QVERIFY(pixels_of(plain.pixmap(QSize(32, 32), 1, QIcon::Selected), Theme::colour(kDarkTokens.text)) > 20);
    QVERIFY(pixels_of(plain.pixmap(QSize(32, 32), 1, QIcon::Disabled), Theme::colour(kDarkTokens.disabled)) > 20);
    QVERIFY(pixels_of(tinted.pixmap(QSize(32, 32), 1), Theme::colour(kDarkTokens.danger)) > 20);
    theme_.set_appearance(Appearance::light);
    QVERIFY(pixels_of(tinted.pixmap(QSize(32, 32), 1), Theme::colour(kLightTokens.danger)) > 20);
    QCOMPARE(pixels_of(tinted.pixmap(QSize(32, 32), 1), Theme::colour(kDarkTokens.danger)), 0);
  }

  void IconsAreDrawnAtTheRatioOfTheDevice() {
    const QPixmap twice = icon(theme_, QLatin1String("monitor")).pixmap(QSize(16, 16), 2);
    QCOMPARE(twice.size(), QSize(32, 32));
    QCOMPARE(twice.devicePixelRatio(), 2.0);
  }

  void EveryIconOfTheResourcesDraws() {
    QDirIterator all(QStringLiteral(":/icons"));
    int count = 0;
    while (all.hasNext()) {
      const QString name = QFileInfo(all.next()).completeBaseName();
      if (name == QLatin1String("app")) continue;
      QVERIFY2(pixels_of(icon(theme_, QLatin1String(name.toLatin1())).pixmap(QSize(64, 64), 1), Theme::colour(theme_.tokens().text2)) > 20, qPrintable(name));
      ++count;
    }
    QVERIFY(count >= 64);
  }

  void TheFontsComeFromTheResources() {
    QCOMPARE(QFontInfo(theme_.font(font::kBody)).family(), QStringLiteral("Inter"));
    QCOMPARE(QFontInfo(theme_.font(font::kNumber)).family(), QStringLiteral("JetBrains Mono"));
    QCOMPARE(QFontInfo(QApplication::font()).pixelSize(), 13);
  }

  void ASwitchOfTheThemeRepaintsEveryControl() {
    theme_.set_appearance(Appearance::dark);
    std::unique_ptr<QWidget> sheet(control_sheet(theme_));
    sheet->show();
    QVERIFY(QTest::qWaitForWindowExposed(sheet.get()));
    const QImage dark = sheet->grab().toImage();
    theme_.set_appearance(Appearance::light);
    QCoreApplication::processEvents();
    const QImage light = sheet->grab().toImage();
    const QString folder = qEnvironmentVariable("MIMIR_TEST_PICTURES");
    if (!folder.isEmpty()) {
      dark.save(folder + QStringLiteral("/sheet-dark.png"));
      light.save(folder + QStringLiteral("/sheet-light.png"));
    }
    QCOMPARE(dark.pixelColor(2, 2), Theme::colour(kDarkTokens.canvas));
    QCOMPARE(light.pixelColor(2, 2), Theme::colour(kLightTokens.canvas));
    for (const QWidget* widget : sheet->findChildren<QWidget*>()) {
      if (!widget->isVisible() || widget->metaObject() == &QWidget::staticMetaObject) continue;
      const QRect area(widget->mapTo(sheet.get(), QPoint()), widget->size());
      if (area.isEmpty()) continue;
      QVERIFY2(dark.copy(area) != light.copy(area), widget->metaObject()->className());
    }
  }

  void TheDesktopsWishIsReadInAnyWrapping() {
    QCOMPARE(DesktopAppearance::read(QVariant(1U)), std::optional<bool>(true));
    QCOMPARE(DesktopAppearance::read(QVariant::fromValue(QDBusVariant(QVariant::fromValue(QDBusVariant(2U))))), std::optional<bool>(false));
    QCOMPARE(DesktopAppearance::read(QVariant(0U)), std::optional<bool>());
    QCOMPARE(DesktopAppearance::read(QVariant()), std::optional<bool>());
  }

  void AClickOnASliderJumpsThere() {
    QSlider slider(Qt::Horizontal);
    slider.setRange(0, 100);
    slider.resize(216, 22);
    slider.show();
    QTest::mouseClick(&slider, Qt::LeftButton, {}, QPoint(108, 11));
    QVERIFY2(std::abs(slider.value() - 50) <= 1, qPrintable(QString::number(slider.value())));
  }

  void TheKeyboardChoosesASegment() {
    SegmentedControl control(theme_, QStringLiteral("Scale"), {QStringLiteral("Auto"), QStringLiteral("Log"), QStringLiteral("Linear")});
    control.show();
    control.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&control));
    QSignalSpy chosen(&control, &SegmentedControl::chosen);
    auto buttons = control.findChildren<QPushButton*>();
    buttons[0]->setFocus();
    QTest::keyClick(buttons[0], Qt::Key_Right);
    QCOMPARE(control.index(), 1);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(buttons[1]->accessibleName(), QStringLiteral("Scale: Log"));
  }

  void ARunsStatusIsAWordAndAnIcon() {
    RunCondition condition;
    condition.status = RunStatus::failed;
    QCOMPARE(status_look(condition).word, QStringLiteral("Failed"));
    condition.code = "diverged";
    QCOMPARE(status_look(condition).word, QStringLiteral("Diverged"));
    condition = {};
    condition.status = RunStatus::running;
    condition.stopping = true;
    QCOMPARE(status_look(condition).word, QStringLiteral("Stopping"));
    QVERIFY(!status_look(condition).icon.isEmpty());
  }

 private:
  Theme theme_;
};

QTEST_MAIN(ThemeTest)
#include "theme_test.moc"
