#include "widgets/theme/style_sheet.h"

#include <QHash>

namespace mimir {
namespace {

/// @name is a token.
constexpr const char* kRules = R"(
QMenuBar { background: transparent; color: @text2; spacing: 0; padding: 0; }
QMenuBar::item { background: transparent; padding: 5px 11px; border-radius: 6px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @hover; color: @text; }
QMenu { background: @raised; color: @text; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: @selection; color: @text; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }

QPushButton { background: @raised; color: @text; border: 1px solid @control; border-radius: 6px; padding: 0 12px; min-height: 28px; font-weight: 500; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @pressed; }
QPushButton:checked { background: @accentSoft; border-color: @accentLine; }
QPushButton:disabled { color: @disabled; background: @surface; border-color: @border; }
QPushButton[compact="true"] { min-height: 24px; padding: 0 8px; }
QPushButton[kind="primary"] { background: @accentFill; color: @onAccent; border-color: @accentFill; }
QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:pressed { background: @accentFillHover; border-color: @accentFillHover; }
QPushButton[kind="primary"]:disabled { background: @track; color: @disabled; border-color: @track; }
QPushButton[kind="danger"] { color: @danger; }
QPushButton[kind="danger"]:hover { background: @dangerSoft; border-color: @danger; }
QPushButton[kind="danger"]:disabled { color: @disabled; }
QPushButton[kind="destructive"] { background: @dangerFill; color: @onAccent; border-color: @dangerFill; }
QPushButton[kind="flat"] { background: transparent; border-color: transparent; }
QPushButton[kind="flat"]:hover { background: @hover; }
QPushButton[kind="flat"]:pressed { background: @pressed; }
QPushButton[kind="flat"]:checked { background: @accentSoft; border-color: @accentLine; }
QPushButton[seg="1"] { background: transparent; color: @text2; border: 1px solid transparent; border-radius: 4px; min-height: 20px; padding: 0 12px; font-size: 12px; }
QPushButton[seg="1"]:hover { color: @text; }
QPushButton[seg="1"]:checked { background: @segment; color: @text; border-color: @control; }
QPushButton[seg="1"]:disabled { color: @disabled; }
QPushButton::menu-indicator { width: 0; }

QToolButton { background: transparent; color: @text; border: 1px solid transparent; border-radius: 6px; padding: 0; min-width: 26px; min-height: 26px; }
QToolButton[compact="true"] { min-width: 20px; min-height: 20px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed { background: @pressed; }
QToolButton:checked { background: @accentSoft; border-color: @accentLine; }
QToolButton:disabled { color: @disabled; }
QToolButton::menu-indicator { image: none; width: 0; }

QLineEdit { background: @field; color: @text; border: 1px solid @fieldLine; border-radius: 6px; padding: 0 8px; min-height: 26px; selection-background-color: @selection; selection-color: @text; }
QLineEdit:focus { border: 2px solid @focus; padding: 0 7px; min-height: 24px; }
QLineEdit QToolButton { min-width: 16px; min-height: 16px; border: none; background: transparent; }
QLineEdit:disabled { color: @disabled; border-color: @control; background: @surface; }
QLineEdit[state="error"] { border-color: @danger; }
QLineEdit[mono="true"] { font-family: "JetBrains Mono"; font-size: 12px; }
QLineEdit[bare="true"] { background: transparent; border: none; padding: 0; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { background: transparent; border: none; padding: 0; min-height: 0; }
QAbstractSpinBox QLineEdit:focus, QComboBox QLineEdit:focus { border: none; padding: 0; }
QPlainTextEdit, QTextEdit { background: @sunken; color: @text; border: 1px solid @border; border-radius: 6px; padding: 4px; selection-background-color: @selection; selection-color: @text; }
QPlainTextEdit:focus, QTextEdit:focus { border-color: @focus; }
QPlainTextEdit[mono="true"], QTextEdit[mono="true"] { font-family: "JetBrains Mono"; font-size: 11px; color: @text2; }
QTextBrowser { background: transparent; border: none; }

QAbstractItemView { background: @surface; alternate-background-color: @surface; color: @text; border: none; outline: 0; selection-background-color: @selection; selection-color: @text; }
QAbstractItemView::item:hover { background: @hover; }
QAbstractItemView::item:selected { background: @selection; color: @text; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @border; padding: 4px; }
QComboBox QAbstractItemView::item { min-height: 26px; padding-left: 6px; border-radius: 4px; }
QHeaderView { background: @surface; border: none; }
QHeaderView::section { background: @surface; color: @text3; border: none; border-bottom: 1px solid @border; padding: 0 8px; min-height: 31px; font-size: 12px; font-weight: 500; }
QHeaderView::section:hover { color: @text; }
QTableCornerButton::section { background: @surface; border: none; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @track; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: @borderStrong; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: transparent; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea, QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[ground="none"] { background: transparent; }

QToolTip { background: @raised; color: @text; border: 1px solid @control; padding: 4px 6px; font-size: 12px; }
QSplitter::handle { background: transparent; }
QTabBar::tab { background: transparent; color: @text2; border: none; border-bottom: 2px solid transparent; padding: 6px 10px; font-weight: 500; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabWidget::pane { border: none; border-top: 1px solid @border; }
QDialog { background: @canvas; }

QLabel[role="place"] { font-size: 18px; font-weight: 600; }
QLabel[role="name"] { font-size: 15px; font-weight: 600; }
QLabel[role="heading"] { font-weight: 600; }
QLabel[role="secondary"] { color: @text2; }
QLabel[role="label"] { font-size: 12px; color: @text2; }
QLabel[role="caption"] { font-size: 11px; color: @text3; }
QLabel[role="number"] { font-family: "JetBrains Mono"; font-size: 12px; }
QLabel[role="figure"] { font-family: "JetBrains Mono"; font-size: 18px; font-weight: 500; }
QLabel[role="caption-number"] { font-family: "JetBrains Mono"; font-size: 11px; color: @text3; }
QLabel:disabled { color: @disabled; }
)";

}  // namespace

QString style_sheet(const Tokens& t) {
  const bool dark = t.canvas == kDarkTokens.canvas;
  const QHash<QString, std::uint32_t> values = {
      {QStringLiteral("canvas"), t.canvas}, {QStringLiteral("surface"), t.surface}, {QStringLiteral("raised"), t.raised},
      {QStringLiteral("sunken"), t.sunken}, {QStringLiteral("field"), t.field}, {QStringLiteral("hover"), t.hover},
      {QStringLiteral("pressed"), t.pressed}, {QStringLiteral("border"), t.border}, {QStringLiteral("control"), t.control},
      {QStringLiteral("fieldLine"), t.fieldLine}, {QStringLiteral("borderStrong"), t.borderStrong},
      {QStringLiteral("track"), t.track}, {QStringLiteral("text"), t.text}, {QStringLiteral("text2"), t.text2},
      {QStringLiteral("text3"), t.text3}, {QStringLiteral("disabled"), t.disabled}, {QStringLiteral("accent"), t.accent},
      {QStringLiteral("accentFill"), t.accentFill}, {QStringLiteral("accentFillHover"), t.accentFillHover},
      {QStringLiteral("onAccent"), t.onAccent}, {QStringLiteral("accentSoft"), t.accentSoft},
      {QStringLiteral("accentLine"), t.accentLine}, {QStringLiteral("selection"), t.selection},
      {QStringLiteral("focus"), t.focus}, {QStringLiteral("danger"), t.danger}, {QStringLiteral("dangerSoft"), t.dangerSoft},
      {QStringLiteral("dangerFill"), t.dangerFill},
      // The chosen segment stands out of its sunken ground.
      {QStringLiteral("segment"), dark ? t.hover : t.raised},
  };
  const QString rules = QString::fromLatin1(kRules);
  QString sheet;
  sheet.reserve(rules.size() * 2);
  for (qsizetype i = 0; i < rules.size(); ++i) {
    if (rules[i] != QLatin1Char('@')) {
      sheet += rules[i];
      continue;
    }
    qsizetype end = i + 1;
    while (end < rules.size() && rules[end].isLetterOrNumber()) ++end;
    const QString name = rules.mid(i + 1, end - i - 1);
    Q_ASSERT(values.contains(name));
    sheet += QStringLiteral("#%1").arg(values.value(name), 6, 16, QLatin1Char('0'));
    i = end - 1;
  }
  return sheet;
}

}  // namespace mimir
