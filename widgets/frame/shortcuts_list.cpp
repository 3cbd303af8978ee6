#include "widgets/frame/shortcuts_list.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QMainWindow>
#include <QPushButton>
#include <QScrollArea>
#include <QSet>
#include <QVBoxLayout>

#include "widgets/theme/card.h"

namespace mimir {
namespace {

constexpr int kWidth = 460;
constexpr int kHeight = 560;

QString plain(QString text) { return text.remove(QLatin1Char('&')).remove(QStringLiteral("…")); }

}  // namespace

ShortcutsList::ShortcutsList(Theme& theme, QWidget* window) : QDialog(window) {
  setWindowTitle(tr("Shortcuts"));
  auto* column = new QVBoxLayout(this);
  auto* card = new Card(theme, tr("Shortcuts"));
  auto* lines = new QWidget;
  lines->setProperty("ground", QStringLiteral("none"));
  auto* grid = new QGridLayout(lines);
  grid->setContentsMargins(0, 0, 12, 0);
  grid->setColumnStretch(0, 1);
  grid->setVerticalSpacing(6);
  const auto heading = [&](const QString& text) {
    auto* title = new QLabel(text);
    title->setProperty("role", QStringLiteral("heading"));
    grid->addWidget(title, grid->rowCount(), 0, 1, 2);
  };
  const auto line = [&](const QString& text, const QString& keys) {
    const int row = grid->rowCount();
    grid->addWidget(new QLabel(text), row, 0);
    auto* cap = new QLabel(keys);
    cap->setProperty("role", QStringLiteral("number"));
    grid->addWidget(cap, row, 1, Qt::AlignRight);
  };
  heading(tr("Window and places"));
  QSet<QString> said;
  const auto actions = window->findChildren<QAction*>();
  for (const QAction* action : actions) {
    const QString keys = action->shortcut().toString(QKeySequence::NativeText);
    const QString text = plain(action->text());
    if (keys.isEmpty() || text.isEmpty() || said.contains(text + keys)) continue;
    said.insert(text + keys);
    line(text, keys);
  }
  // What parts do with keys themselves.
  const auto keys = [](const char* text) { return QString::fromUtf8(text); };
  heading(tr("Plots"));
  for (const auto& [text, key] : {std::pair(tr("Pan"), keys("arrows")), std::pair(tr("Zoom x, with Ctrl y"), keys("+  −")), std::pair(tr("Reset zoom"), keys("R")), std::pair(tr("Logarithmic y"), keys("L")),
                                  std::pair(tr("Crosshair one point back, forward; with Shift ten"), keys(",  .")), std::pair(tr("Crosshair to the first, last point"), keys("Home  End")),
                                  std::pair(tr("Pin the crosshair, measure"), keys("M")), std::pair(tr("Copy the values"), keys("C")), std::pair(tr("Checkpoint at the crosshair"), keys("Return")),
                                  std::pair(tr("Clear"), keys("Esc"))})
    line(text, key);
  heading(tr("Pictures through training"));
  for (const auto& [text, key] : {std::pair(tr("Play or pause"), keys("Space")), std::pair(tr("One stored step back, forward"), keys(",  .")), std::pair(tr("First, last step"), keys("Home  End")),
                                  std::pair(tr("Previous, next image"), keys("[  ]"))})
    line(text, key);
  heading(tr("Attack Lab and Attention"));
  for (const auto& [text, key] : {std::pair(tr("Run the attack"), keys("Ctrl+Return")), std::pair(tr("Play or pause the path"), keys("Space")), std::pair(tr("One step back, forward"), keys(",  .")),
                                  std::pair(tr("Ten steps back, forward"), keys("<  >")), std::pair(tr("First, last step"), keys("Home  End")), std::pair(tr("Previous, next image"), keys("[  ]")),
                                  std::pair(tr("Layer and head"), keys("arrows")), std::pair(tr("Into the picture of the head"), keys("Return")), std::pair(tr("Look from where the model answers"), keys("Esc"))})
    line(text, key);
  heading(tr("Tables and lists"));
  for (const auto& [text, key] : {std::pair(tr("Open what is selected"), keys("Return")), std::pair(tr("Select all"), keys("Ctrl+A")), std::pair(tr("Copy with headings"), keys("Ctrl+C"))}) line(text, key);
  grid->setRowStretch(grid->rowCount(), 1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setAccessibleName(tr("Shortcuts"));
  scroll->setWidget(lines);
  card->body()->addWidget(scroll);
  column->addWidget(card, 1);
  auto* buttons = new QDialogButtonBox;
  connect(buttons->addButton(tr("Close"), QDialogButtonBox::RejectRole), &QPushButton::clicked, this, &QDialog::reject);
  column->addWidget(buttons);
  resize(kWidth, kHeight);
}

}  // namespace mimir
