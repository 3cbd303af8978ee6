#include "widgets/frame/context_row.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QToolButton>

#include "widgets/form/action_button.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kChip = 30;
constexpr int kWidest = 300;
constexpr int kWidestShort = 180;

}  // namespace

RunChip::RunChip(Theme& theme, QWidget* parent) : QAbstractButton(parent), theme_(&theme) {
  setFixedHeight(kChip);
  setFocusPolicy(Qt::TabFocus);
  setAttribute(Qt::WA_Hover);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  show_run({}, 0);
}

void RunChip::show_run(const QString& name, int colour) {
  if (name == name_ && colour == colour_ && !accessibleName().isEmpty()) return;
  name_ = name;
  colour_ = colour;
  setAccessibleName(name.isEmpty() ? tr("Run: none, choose one") : tr("Run: %1, choose another").arg(name));
  setToolTip(name.isEmpty() ? tr("Choose a run") : tr("%1\nChoose another run").arg(name));
  updateGeometry();
  update();
}

void RunChip::set_short(bool short_names) {
  short_ = short_names;
  updateGeometry();
}

QSize RunChip::sizeHint() const {
  const int label = QFontMetrics(theme_->font(font::kLabel)).horizontalAdvance(tr("Run"));
  const int name = QFontMetrics(theme_->font(font::kButton)).horizontalAdvance(name_.isEmpty() ? tr("none") : name_);
  return {std::min(12 + label + 8 + 16 + name + 8 + 14 + 8, short_ ? kWidestShort : kWidest), kChip};
}

void RunChip::paintEvent(QPaintEvent*) {
  const Tokens& t = theme_->tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Theme::colour(t.control));
  painter.setBrush(Theme::colour(isDown() ? t.pressed : underMouse() ? t.hover : t.raised));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), size::kControlRadius, size::kControlRadius);
  QRectF inside = QRectF(rect()).adjusted(12, 0, -8, 0);
  painter.setFont(theme_->font(font::kLabel));
  painter.setPen(Theme::colour(t.text3));
  painter.drawText(inside, Qt::AlignVCenter | Qt::AlignLeft, tr("Run"));
  inside.setLeft(inside.left() + painter.fontMetrics().horizontalAdvance(tr("Run")) + 8);
  paint_icon(painter, QRectF(inside.right() - 14, inside.center().y() - 7, 14, 14), QLatin1String("chevron-down"), Theme::colour(t.text2));
  inside.setRight(inside.right() - 14 - 6);
  if (!name_.isEmpty()) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme_->run_colour(colour_));
    painter.drawEllipse(QPointF(inside.left() + 4, inside.center().y()), 4, 4);
    inside.setLeft(inside.left() + 15);
  }
  painter.setFont(theme_->font(font::kButton));
  painter.setPen(Theme::colour(name_.isEmpty() ? t.text3 : t.text));
  painter.drawText(inside, Qt::AlignVCenter | Qt::AlignLeft,
                   painter.fontMetrics().elidedText(name_.isEmpty() ? tr("none") : name_, Qt::ElideMiddle, static_cast<int>(inside.width())));
}

ContextRow::ContextRow(Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(&theme), title_(new QLabel(this)), chip_(new RunChip(theme, this)), pill_(new StatusPill(theme, this)),
      actions_(new QHBoxLayout), more_(new QToolButton(this)), side_(new QToolButton(this)), menu_(new QMenu(this)) {
  setFixedHeight(size::kContextRow);
  title_->setProperty("role", QStringLiteral("place"));
  more_->setIcon(icon(theme, QLatin1String("more")));
  more_->setToolTip(tr("Actions of this place"));
  more_->setAccessibleName(more_->toolTip());
  more_->setPopupMode(QToolButton::InstantPopup);
  more_->setMenu(menu_);
  side_->setIcon(icon(theme, QLatin1String("side")));
  side_->setCheckable(true);
  side_->setFocusPolicy(Qt::TabFocus);
  side_->setToolTip(tr("Side column (F9)"));
  side_->setAccessibleName(tr("Side column"));
  connect(side_, &QToolButton::clicked, this, &ContextRow::side_wanted);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 0, 12, 0);
  row->setSpacing(size::kGap);
  row->addWidget(title_);
  row->addSpacing(size::kGap);
  row->addWidget(chip_);
  row->addWidget(pill_);
  row->addStretch(1);
  actions_->setSpacing(size::kGap);
  row->addLayout(actions_);
  row->addWidget(more_);
  row->addWidget(side_);
  connect(chip_, &QAbstractButton::clicked, this, &ContextRow::run_wanted);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
  show_run(nullptr, 0);
  arrange();
}

QWidget* ContextRow::chip() const { return chip_; }

void ContextRow::show_side(bool there, bool open) {
  side_->setVisible(there);
  side_->setChecked(open);
}

void ContextRow::show_place(const QString& title, const QList<QAction*>& actions) {
  title_->setText(title);
  qDeleteAll(buttons_);
  buttons_.clear();
  menu_->clear();
  for (QAction* action : actions) {
    auto* button = new ActionButton(action, this);
    buttons_ += button;
    actions_->addWidget(button);
    connect(action, &QAction::changed, button, [this] { arrange(); });
    menu_->addAction(action);
  }
  arrange();
}

void ContextRow::show_run(const RunEntry* run, int colour) {
  chip_->show_run(run ? run_name(*run) : QString(), colour);
  pill_->setVisible(run != nullptr);
  if (run) pill_->show_look(status_look(run->condition));
}

void ContextRow::set_narrow(bool narrow) { chip_->set_short(narrow); }

void ContextRow::set_low(bool low) {
  if (low == low_) return;
  low_ = low;
  arrange();
}

void ContextRow::arrange() {
  more_->setVisible(low_ && !menu_->isEmpty());
  for (int i = 0; i < buttons_.size(); ++i) buttons_[i]->setVisible(!low_ && menu_->actions()[i]->isVisible());
}

}  // namespace mimir
