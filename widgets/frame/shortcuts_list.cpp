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
  QSet<QString> said;
  const auto actions = window->findChildren<QAction*>();
  for (const QAction* action : actions) {
    const QString keys = action->shortcut().toString(QKeySequence::NativeText);
    const QString text = plain(action->text());
    if (keys.isEmpty() || text.isEmpty() || said.contains(text + keys)) continue;
    said.insert(text + keys);
    const int row = grid->rowCount();
    grid->addWidget(new QLabel(text), row, 0);
    auto* cap = new QLabel(keys);
    cap->setProperty("role", QStringLiteral("number"));
    grid->addWidget(cap, row, 1, Qt::AlignRight);
  }
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
