// Every place in both themes, from the smallest window to a large one. A second ctest entry runs it at two device
// pixels a pixel.
#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QApplication>
#include <QComboBox>
#include <QGroupBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPushButton>
#include <QSplitter>
#include <QStyle>
#include <QStyleOptionComboBox>
#include <QTest>
#include <QToolButton>

#include "tests/support/temporary_folder.h"
#include "tests/widgets/window_fixture.h"
#include "widgets/panels/panel.h"

using namespace mimir;
using namespace mimir::test;

namespace {

QString name_of(const QWidget& widget) {
  QString name = QLatin1String(widget.metaObject()->className());
  QString text = widget.accessibleName();
  if (const auto* label = qobject_cast<const QLabel*>(&widget)) text = label->text();
  if (const auto* button = qobject_cast<const QAbstractButton*>(&widget)) text = button->text();
  if (!text.isEmpty()) name += QStringLiteral(" “%1”").arg(text.left(60));
  return name;
}

QString path_of(const QWidget& widget) {
  QString path = name_of(widget);
  int steps = 0;
  for (const QWidget* at = widget.parentWidget(); at && !at->isWindow() && steps < 4; at = at->parentWidget(), ++steps) path += QStringLiteral(" in ") + QLatin1String(at->metaObject()->className());
  return path + QStringLiteral(" %1x%2").arg(widget.width()).arg(widget.height());
}

/// Whose children stand where the widget itself puts them, one over the other where it means to.
bool arranges_itself(const QWidget& widget) {
  return qobject_cast<const QLineEdit*>(&widget) || qobject_cast<const QAbstractSpinBox*>(&widget) || qobject_cast<const QComboBox*>(&widget) ||
         qobject_cast<const QAbstractScrollArea*>(&widget) || qobject_cast<const QMenuBar*>(&widget) || qobject_cast<const QSplitter*>(&widget);
}

bool inside_of_such(const QWidget& widget) {
  for (const QWidget* at = widget.parentWidget(); at; at = at->parentWidget()) {
    if (arranges_itself(*at) && !qobject_cast<const QAbstractScrollArea*>(at) && !qobject_cast<const QSplitter*>(at)) return true;
  }
  return false;
}

/// What lies in a scroll area may be larger than its window on the screen.
bool scrolls(const QWidget& widget) {
  const QWidget* parent = widget.parentWidget();
  const auto* area = parent ? qobject_cast<const QAbstractScrollArea*>(parent->parentWidget()) : nullptr;
  return area && area->viewport() == parent;
}

QString clipped_text(QWidget& widget) {
  if (auto* label = qobject_cast<QLabel*>(&widget)) {
    if (label->text().isEmpty() || !label->pixmap(Qt::ReturnByValue).isNull()) return {};
    const QRect room = label->contentsRect();
    if (label->wordWrap()) return label->heightForWidth(label->width()) > label->height() + 1 ? QStringLiteral("is too low for its text") : QString();
    const QSize wanted = label->fontMetrics().size(Qt::TextExpandTabs, label->text());
    if (wanted.width() > room.width() + 1 && label->toolTip().isEmpty()) return QStringLiteral("has no room for its text (%1 of %2)").arg(room.width()).arg(wanted.width());
    return wanted.height() > room.height() + 1 ? QStringLiteral("is too low for its text") : QString();
  }
  if (auto* box = qobject_cast<QAbstractSpinBox*>(&widget)) {
    const auto* line = box->findChild<QLineEdit*>();
    const int wanted = box->fontMetrics().horizontalAdvance(box->text());
    return line && wanted > line->width() ? QStringLiteral("has no room for “%1” (%2 of %3)").arg(box->text()).arg(line->width()).arg(wanted) : QString();
  }
  if (auto* combo = qobject_cast<QComboBox*>(&widget)) {
    QStyleOptionComboBox option;
    option.initFrom(combo);
    option.editable = combo->isEditable();
    const QRect field = combo->style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, combo);
    const int wanted = combo->fontMetrics().horizontalAdvance(combo->currentText());
    return wanted > field.width() + 1 && combo->toolTip().isEmpty() ? QStringLiteral("has no room for its choice (%1 of %2)").arg(field.width()).arg(wanted) : QString();
  }
  if (auto* button = qobject_cast<QAbstractButton*>(&widget); button && !button->text().isEmpty()) {
    const bool written = qobject_cast<QPushButton*>(button) || button->inherits("QCheckBox") || button->inherits("QRadioButton") ||
                         (qobject_cast<QToolButton*>(button) && qobject_cast<QToolButton*>(button)->toolButtonStyle() != Qt::ToolButtonIconOnly && button->icon().isNull());
    if (!written) return {};  // the others paint themselves
    const int wanted = button->fontMetrics().size(Qt::TextShowMnemonic, button->text()).width() + (button->icon().isNull() ? 0 : button->iconSize().width() + 4);
    return wanted > button->width() ? QStringLiteral("has no room for its text (%1 of %2)").arg(button->width()).arg(wanted) : QString();
  }
  return {};
}

/// All that is wrong with how the window stands; one line each.
QStringList faults(QWidget& window) {
  QStringList found;
  for (QWidget* widget : window.findChildren<QWidget*>()) {
    if (!widget->isVisible() || widget->isWindow()) continue;
    const QString clipped = clipped_text(*widget);
    if (!clipped.isEmpty() && !inside_of_such(*widget)) found += path_of(*widget) + QLatin1Char(' ') + clipped;
    const QWidget* parent = widget->parentWidget();
    const bool ours = !arranges_itself(*parent) && !scrolls(*widget) && !inside_of_such(*widget);
    if (ours && !widget->size().isEmpty() && !parent->rect().contains(widget->geometry())) found += path_of(*widget) + QStringLiteral(" stands out of its parent");
    if (widget->focusPolicy() != Qt::NoFocus && !inside_of_such(*widget)) {
      QAccessibleInterface* said = QAccessible::queryAccessibleInterface(widget);
      if (!said || said->text(QAccessible::Name).isEmpty()) found += path_of(*widget) + QStringLiteral(" can have the focus and has no name");
    }
    if (arranges_itself(*widget)) continue;
    const auto children = widget->findChildren<QWidget*>(Qt::FindDirectChildrenOnly);
    for (qsizetype i = 0; i < children.size(); ++i) {
      for (qsizetype j = i + 1; j < children.size(); ++j) {
        const QWidget &a = *children[i], &b = *children[j];
        if (!a.isVisible() || !b.isVisible() || a.isWindow() || b.isWindow()) continue;
        if (a.geometry().intersects(b.geometry())) found += path_of(a) + QStringLiteral(" lies over ") + path_of(b);
      }
    }
  }
  return found;
}

void save_picture(QWidget& widget, const QString& name) {
  const QString folder = qEnvironmentVariable("MIMIR_TEST_PICTURES");
  if (!folder.isEmpty()) widget.grab().save(QStringLiteral("%1/%2.png").arg(folder, name));
}

}  // namespace

class LooksTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    theme_.set_appearance(Appearance::dark);
    theme_.apply(*qApp);
    record_run(first_);
    record_run(second_, SegmentState::failed);
  }

  void ThePictureHasThePixelsOfItsScreen() {
    const QString factor = qEnvironmentVariable("QT_SCALE_FACTOR", QStringLiteral("1"));
    Desk desk(theme_, workspace_, QStringLiteral("launch"), {1120, 720});
    QVERIFY(desk.ready());
    QCOMPARE(desk.window.devicePixelRatioF(), factor.toDouble());
    QCOMPARE(desk.window.grab().size(), QSize(1120, 720) * factor.toDouble());
  }

  void NothingIsClippedAndNothingOverlaps_data() {
    QTest::addColumn<QString>("place");
    QTest::addColumn<bool>("dark");
    for (const bool dark : {true, false}) {
      for (const QString& place : places()) QTest::addRow("%s, %s", qPrintable(place), dark ? "dark" : "light") << place << dark;
    }
  }
  void NothingIsClippedAndNothingOverlaps() {
    QFETCH(const QString, place);
    QFETCH(const bool, dark);
    theme_.set_appearance(dark ? Appearance::dark : Appearance::light);
    Desk desk(theme_, workspace_, place, {1600, 1000});
    QVERIFY(desk.ready());
    desk.session.select_run(id_of(first_));
    QVERIFY(QTest::qWaitFor([&] { return desk.session.library().record(id_of(first_)) != nullptr; }, 20000));
    QVERIFY(QTest::qWaitFor([&] { return dynamic_cast<const Panel*>(desk.window.panel())->settled(); }, 20000));
    for (const QSize size : {QSize(1120, 720), QSize(1280, 800), QSize(1600, 1000), QSize(2560, 1440)}) {
      desk.window.resize(size);
      QTest::qWait(50);  // layouts that answer to a size take a second pass
      QCOMPARE(desk.window.size(), size);
      QString where = place;
      save_picture(desk.window, QStringLiteral("%1-%2-%3").arg(where.replace(QLatin1Char('/'), QLatin1Char('-')), dark ? QStringLiteral("dark") : QStringLiteral("light")).arg(size.width()));
      const QStringList wrong = faults(desk.window);
      QVERIFY2(wrong.isEmpty(), qPrintable(QStringLiteral("\n%1 x %2:\n%3").arg(size.width()).arg(size.height()).arg(wrong.join(QLatin1Char('\n')))));
    }
  }

  void DrawersLieInsideOfThePlace() {
    for (const QString& place : {QStringLiteral("launch"), QStringLiteral("monitor"), QStringLiteral("history")}) {
      Desk desk(theme_, workspace_, place, {1120, 720});
      QVERIFY(desk.ready());
      QVERIFY(QTest::qWaitFor([&] { return dynamic_cast<const Panel*>(desk.window.panel())->settled(); }, 20000));
      const auto columns = dynamic_cast<const Panel*>(desk.window.panel())->side_columns();
      QVERIFY(!columns.isEmpty());
      for (const QWidget* column : columns) QVERIFY(!column->isVisible());
      QTest::keyClick(&desk.window, Qt::Key_F9);
      QTest::qWait(50);
      for (const QWidget* column : columns) {
        QVERIFY(column->isVisible());
        QVERIFY(desk.window.rect().contains(QRect(column->mapTo(&desk.window, QPoint()), column->size())));
        for (QWidget* part : column->findChildren<QWidget*>()) {
          if (part->isVisible()) QVERIFY2(clipped_text(*part).isEmpty() || inside_of_such(*part), qPrintable(path_of(*part) + QLatin1Char(' ') + clipped_text(*part)));
        }
      }
      save_picture(desk.window, QStringLiteral("%1-drawer").arg(place));
    }
  }

  void AnEmptyWorkspaceFitsToo() {
    for (const QString& place : places()) {
      const TemporaryFolder empty;
      Desk desk(theme_, Workspace(empty.path()), place, {1120, 720});
      QVERIFY(desk.ready());
      QVERIFY(QTest::qWaitFor([&] { return dynamic_cast<const Panel*>(desk.window.panel())->settled(); }, 20000));
      QTest::qWait(50);
      const QStringList wrong = faults(desk.window);
      QVERIFY2(wrong.isEmpty(), qPrintable(place + QLatin1Char('\n') + wrong.join(QLatin1Char('\n'))));
    }
  }

 private:
  static QStringList places() {
    QStringList all{QStringLiteral("launch/first-start")};
    for (const PanelEntry& entry : panels()) all += QLatin1String(entry.id);
    return all;
  }

  FakeProgram program_;
  TemporaryFolder folder_;
  Workspace workspace_{folder_.path()};
  RunFolder first_ = make_run(workspace_, "hsic-1e-4 · s0", 1'764'000'000), second_ = make_run(workspace_, "a run with a rather long name, as sweeps make them, seed 12", 1'764'010'000);
  Theme theme_;
};

QTEST_MAIN(LooksTest)
#include "looks_test.moc"
