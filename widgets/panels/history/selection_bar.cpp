#include "widgets/panels/history/selection_bar.h"

#include <QAction>
#include <QCompleter>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QStackedWidget>
#include <utility>

#include "widgets/form/action_button.h"

namespace mimir {
namespace {

constexpr int kHeight = 46;
constexpr int kNamesShown = 4;

}  // namespace

SelectionBar::SelectionBar(Theme& theme, const QList<QAction*>& actions, QWidget* parent)
    : QWidget(parent), theme_(&theme), pages_(new QStackedWidget(this)) {
  setFixedHeight(kHeight);
  setAccessibleName(tr("Selection"));
  auto* all = new QHBoxLayout(this);
  all->setContentsMargins(12, 0, 8, 0);
  all->addWidget(pages_);

  auto* selection = new QWidget(this);
  auto* row = new QHBoxLayout(selection);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  count_ = new QLabel(selection);
  count_->setProperty("role", QStringLiteral("heading"));
  names_ = new QLabel(selection);
  names_->setProperty("role", QStringLiteral("label"));
  names_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  row->addWidget(count_);
  row->addWidget(names_, 1);
  for (QAction* action : actions) row->addWidget(new ActionButton(action, selection));
  pages_->addWidget(selection);

  auto* asking = new QWidget(this);
  auto* ask_row = new QHBoxLayout(asking);
  ask_row->setContentsMargins(0, 0, 0, 0);
  ask_row->setSpacing(8);
  question_ = new QLabel(asking);
  question_->setProperty("role", QStringLiteral("heading"));
  field_ = new QLineEdit(asking);
  auto* hint = new QLabel(tr("Enter to apply, Esc to leave it"), asking);
  hint->setProperty("role", QStringLiteral("caption"));
  ask_row->addWidget(question_);
  ask_row->addWidget(field_, 1);
  ask_row->addWidget(hint);
  pages_->addWidget(asking);
  field_->installEventFilter(this);
  connect(field_, &QLineEdit::returnPressed, this, [this] {
    const auto done = std::exchange(done_, nullptr);
    if (done) done(field_->text().trimmed());
    close_question();
  });
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
  hide();
}

void SelectionBar::show_selection(const QStringList& names) {
  any_ = !names.isEmpty();
  count_->setText(names.size() == 1 ? tr("1 run selected") : tr("%1 runs selected").arg(names.size()));
  names_->setText(names.mid(0, kNamesShown).join(QStringLiteral(", ")) + (names.size() > kNamesShown ? QStringLiteral(", …") : QString()));
  setVisible(any_ || done_);
}

void SelectionBar::ask(const QString& question, const QString& text, const QStringList& proposals, std::function<void(const QString&)> done) {
  done_ = std::move(done);
  question_->setText(question);
  field_->setAccessibleName(question);
  field_->setText(text);
  delete field_->completer();
  auto* completer = new QCompleter(proposals, field_);
  completer->setCaseSensitivity(Qt::CaseInsensitive);
  field_->setCompleter(completer);
  pages_->setCurrentIndex(1);
  show();
  field_->setFocus();
  field_->selectAll();
}

void SelectionBar::close_question() {
  done_ = nullptr;
  pages_->setCurrentIndex(0);
  setVisible(any_);
  Q_EMIT answered();
}

bool SelectionBar::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
    event->accept();
    return true;
  }
  if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
    close_question();
    return true;
  }
  if (event->type() == QEvent::FocusOut && done_ && static_cast<QFocusEvent*>(event)->reason() == Qt::MouseFocusReason) close_question();
  return QWidget::eventFilter(watched, event);
}

void SelectionBar::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Theme::colour(t.accentLine));
  painter.setBrush(Theme::colour(t.accentSoft));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), size::kCardRadius, size::kCardRadius);
}

}  // namespace mimir
