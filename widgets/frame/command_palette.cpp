#include "widgets/frame/command_palette.h"

#include <QAction>
#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>

#include "widgets/frame/palette_delegate.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kWidth = 678;
constexpr int kTop = 88;
constexpr int kFieldHeight = 54;
constexpr int kFooter = 36;
constexpr int kMargin = 8;

struct Hint {
  const char* keys;
  const char* does;
};

/// Key caps with words behind, from `left` on; returns where it ends.
qreal paint_hint(QPainter& painter, const Theme& theme, qreal left, qreal middle, const QString& keys, const QString& does) {
  const Tokens& t = theme.tokens();
  painter.setFont(theme.font(font::kCaptionNumber));
  const qreal wide = painter.fontMetrics().horizontalAdvance(keys) + 10;
  const QRectF cap(left, middle - 8, wide, 17);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::colour(t.hover));
  painter.drawRoundedRect(cap, 4, 4);
  painter.setPen(Theme::colour(t.text2));
  painter.drawText(cap, Qt::AlignCenter, keys);
  painter.setFont(theme.font(font::kCaption));
  const qreal words = painter.fontMetrics().horizontalAdvance(does);
  painter.drawText(QRectF(cap.right() + 6, middle - 8, words + 2, 17), Qt::AlignVCenter | Qt::AlignLeft, does);
  return cap.right() + 6 + words + 16;
}

}  // namespace

CommandPalette::CommandPalette(Theme& theme, QWidget* window)
    : QWidget(window), theme_(&theme), model_(new PaletteModel(this)), field_(new QLineEdit(this)), list_(new QListView(this)) {
  hide();
  setAccessibleName(tr("Command palette"));
  field_->setProperty("bare", QStringLiteral("true"));
  field_->setPlaceholderText(tr("Find a run, place or command"));
  field_->setAccessibleName(tr("Find a run, place or command"));
  field_->setFont(theme.font({15, 400, false}));
  list_->setModel(model_);
  list_->setItemDelegate(new PaletteDelegate(theme, *model_, list_));
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setMouseTracking(true);
  list_->setFrameShape(QFrame::NoFrame);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setAccessibleName(tr("Answers"));
  list_->viewport()->setAutoFillBackground(false);
  field_->installEventFilter(this);
  window->installEventFilter(this);
  connect(field_, &QLineEdit::textChanged, this, &CommandPalette::look);
  connect(list_, &QListView::clicked, this, [this](const QModelIndex& index) { choose(index.row()); });
  connect(list_, &QListView::entered, this, [this](const QModelIndex& index) {
    if (model_->entry(index.row())) list_->setCurrentIndex(index);
  });
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CommandPalette::open(std::vector<PaletteModel::Entry> entries, const QString& typed) {
  before_ = QApplication::focusWidget();
  model_->set_entries(std::move(entries));
  field_->setText(typed);
  look();
  fit();
  raise();
  show();
  field_->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::close_palette() {
  if (!isVisible()) return;
  hide();
  if (before_) before_->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::look() {
  model_->look_for(field_->text());
  list_->setCurrentIndex(model_->index(model_->next_entry(0, 1)));
  fit();
  update();
}

void CommandPalette::fit() {
  setGeometry(parentWidget()->rect());
  const QRect box = panel();
  field_->setGeometry(box.left() + 48, box.top() + 1, box.width() - 48 - 190, kFieldHeight - 2);
  list_->setGeometry(box.left() + kMargin, box.top() + kFieldHeight + 4, box.width() - 2 * kMargin, box.height() - kFieldHeight - kFooter - 8);
}

QRect CommandPalette::panel() const {
  int rows = 0;
  for (int row = 0; row < model_->rowCount(); ++row) rows += PaletteDelegate::row_height(model_->entry(row) == nullptr);
  if (rows == 0) rows = PaletteDelegate::row_height(false);
  const int wide = std::min(kWidth, width() - 48);
  const int high = std::min(kFieldHeight + rows + kFooter + 10, height() - kTop - 24);
  return {(width() - wide) / 2, kTop, wide, high};
}

void CommandPalette::move_by(int step) {
  const int row = list_->currentIndex().row();
  int next = model_->next_entry(row + step, step);
  if (next < 0) next = step > 0 ? model_->next_entry(0, 1) : model_->next_entry(model_->rowCount() - 1, -1);
  if (next >= 0) list_->setCurrentIndex(model_->index(next));
}

void CommandPalette::choose(int row) {
  const PaletteModel::Entry* chosen = model_->entry(row);
  if (!chosen) return;
  const PaletteModel::Entry entry = *chosen;  // closing may give up the rows
  model_->remember(entry);
  close_palette();
  switch (entry.kind) {
    case PaletteModel::Kind::place: Q_EMIT place_chosen(entry.id); break;
    case PaletteModel::Kind::run: Q_EMIT run_chosen(entry.id); break;
    case PaletteModel::Kind::action:
      if (entry.action) entry.action->trigger();
      break;
  }
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize) fit();
  if (watched != field_) return false;
  if (event->type() == QEvent::FocusOut && isVisible() && static_cast<QFocusEvent*>(event)->reason() == Qt::TabFocusReason) close_palette();
  if (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride) return false;
  const int key = static_cast<QKeyEvent*>(event)->key();
  const bool ours = key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Escape || key == Qt::Key_Tab;
  if (!ours) return false;
  if (event->type() == QEvent::ShortcutOverride) {
    event->accept();
    return true;
  }
  if (key == Qt::Key_Escape) close_palette();
  else if (key == Qt::Key_Up) move_by(-1);
  else if (key == Qt::Key_Down || key == Qt::Key_Tab) move_by(1);
  else choose(list_->currentIndex().row());
  return true;
}

void CommandPalette::mousePressEvent(QMouseEvent* event) {
  if (!panel().contains(event->position().toPoint())) close_palette();
}

void CommandPalette::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QColor scrim = Theme::colour(t.shadow);
  scrim.setAlpha(theme_->dark() ? 110 : 70);
  painter.fillRect(rect(), scrim);
  const QRectF box = QRectF(panel()).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.setPen(Theme::colour(t.border));
  painter.setBrush(Theme::colour(t.surface));
  painter.drawRoundedRect(box, 10, 10);
  const qreal under = box.top() + kFieldHeight;
  painter.fillRect(QRectF(box.left() + 1, under, box.width() - 2, 1), Theme::colour(t.border));
  painter.fillRect(QRectF(box.left() + 1, box.bottom() - kFooter, box.width() - 2, 1), Theme::colour(t.border));
  paint_icon(painter, QRectF(box.left() + 18, box.top() + kFieldHeight / 2.0 - 8, 16, 16), QLatin1String("search"), Theme::colour(t.text2));
  const qreal middle = box.top() + kFieldHeight / 2.0;
  paint_hint(painter, *theme_, paint_hint(painter, *theme_, box.right() - 172, middle, QStringLiteral(">"), tr("actions")), middle, QStringLiteral("#"), tr("runs"));
  qreal at = box.left() + 18;
  const qreal foot = box.bottom() - kFooter / 2.0;
  for (const Hint& hint : {Hint{"↑ ↓", QT_TR_NOOP("choose")}, Hint{"Return", QT_TR_NOOP("do it")}, Hint{"Esc", QT_TR_NOOP("close")}}) {
    at = paint_hint(painter, *theme_, at, foot, QString::fromUtf8(hint.keys), tr(hint.does));
  }
  if (model_->rowCount() == 0) {
    painter.setFont(theme_->font(font::kBody));
    painter.setPen(Theme::colour(t.text2));
    painter.drawText(QRectF(box.left(), under, box.width(), box.height() - kFieldHeight - kFooter), Qt::AlignCenter, tr("Nothing is called that"));
  }
}

}  // namespace mimir
