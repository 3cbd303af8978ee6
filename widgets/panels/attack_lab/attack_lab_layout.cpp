#include <QAction>
#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "widgets/form/answer_strip.h"
#include "widgets/form/checkpoint_combo.h"
#include "widgets/form/message_strip.h"
#include "widgets/form/tab_order.h"
#include "widgets/image/image_browser.h"
#include "widgets/panels/attack_lab/attack_controls.h"
#include "widgets/panels/attack_lab/attack_lab_panel.h"
#include "widgets/panels/attack_lab/attack_pictures.h"
#include "widgets/panels/attack_lab/image_chip.h"
#include "widgets/panels/attack_lab/measured_card.h"
#include "widgets/panels/attack_lab/path_card.h"
#include "widgets/panels/attack_lab/prediction_bars.h"
#include "widgets/panels/attack_lab/transfer_table.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

constexpr int kSoonMs = 120;   ///< after the last change, before a question is asked
constexpr int kColumn = 280;
constexpr int kNarrow = 1280;  ///< of the place's width: below, the tools stand without their labels
constexpr int kLow = 780;  ///< of the place's height: below, the cards under the pictures share one room
constexpr int kLowForTwo = 1180;  ///< with a second model's pictures
constexpr int kPicturesPadding = 14;

QLabel* label(const QString& text, const char* role) {
  auto* made = new QLabel(text);
  made->setProperty("role", QLatin1String(role));
  return made;
}

/// "■ clean  ■ adversarial"
class Legend : public QWidget {
 public:
  explicit Legend(Theme& theme) : theme_(&theme) { setFixedSize(150, 16); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const Tokens& t = theme_->tokens();
    painter.setFont(theme_->font(font::kCaption));
    double x = width();
    for (const auto& [word, colour] : {std::pair(PredictionBars::tr("adversarial"), t.adversarial), std::pair(PredictionBars::tr("clean"), t.clean)}) {
      const double wide = QFontMetricsF(painter.font()).horizontalAdvance(word);
      x -= wide;
      painter.setPen(Theme::colour(t.text2));
      painter.drawText(QRectF(x, 0, wide + 1, height()), Qt::AlignVCenter | Qt::AlignLeft, word);
      x -= 14;
      painter.fillRect(QRectF(x, 4, 9, 9), Theme::colour(colour));
      x -= 10;
    }
  }

 private:
  Theme* theme_;
};

}  // namespace

QWidget* AttackLabPanel::make_tools() {
  Theme& theme = session_->theme();
  auto* tools = new QWidget;
  auto* row = new QHBoxLayout(tools);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(size::kGap);
  checkpoint_ = new CheckpointCombo(*session_, CheckpointCombo::Kind::own);
  second_ = new CheckpointCombo(*session_, CheckpointCombo::Kind::beside);
  second_->setAccessibleName(tr("Second model"));
  second_->setToolTip(tr("A second model under the same attack, and what each attack does to the other"));
  image_chip_ = new ImageChip(*session_, *browser_);
  views_ = new SegmentedControl(theme, tr("Below the pictures"), {tr("Path"), tr("Smallest ε"), tr("Images")});
  tool_labels_ = {label(tr("Checkpoint"), "label"), label(tr("Second model"), "label"), label(tr("Perturbation"), "label")};
  checkpoint_->setToolTip(tr("Checkpoint of the run"));
  pictures_->channels()->setToolTip(tr("What the perturbation shows: the mean of the channels or one"));
  for (SegmentedControl* control : {views_, pictures_->channels()}) control->setMinimumWidth(control->sizeHint().width());
  row->addWidget(tool_labels_[0]);
  row->addWidget(checkpoint_);
  row->addWidget(image_chip_);
  row->addSpacing(size::kGap);
  row->addWidget(tool_labels_[1]);
  row->addWidget(second_);
  row->addStretch(1);
  row->addWidget(views_);
  row->addWidget(tool_labels_[2]);
  row->addWidget(pictures_->channels());
  return tools;
}

QWidget* AttackLabPanel::make_column() {
  Theme& theme = session_->theme();
  auto* inside = new QWidget;
  inside->setProperty("ground", QStringLiteral("none"));
  auto* stack = new QVBoxLayout(inside);
  stack->setContentsMargins(0, 0, 0, 0);
  stack->setSpacing(size::kGap);
  auto* attack = new Card(theme, tr("Attack"));
  auto* back = new QToolButton;
  back->setIcon(icon(theme, QLatin1String("undo")));
  back->setToolTip(tr("Back to the run's own values"));
  back->setAccessibleName(back->toolTip());
  connect(back, &QToolButton::clicked, this, [this] { controls_->reset(); });
  attack->header()->addWidget(back);
  controls_ = new AttackControls(*session_);
  problem_ = new MessageStrip(theme);
  problem_->hide();
  attack->body()->addWidget(controls_);
  attack->body()->addWidget(problem_);
  stack->addWidget(attack);
  measured_ = new MeasuredCard(theme);
  stack->addWidget(measured_);
  hint_ = new MessageStrip(theme);
  hint_->hide();
  stack->addWidget(hint_);
  stack->addStretch(1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(inside);
  inside->setAutoFillBackground(false);
  scroll->viewport()->setAutoFillBackground(false);

  auto* column = new QWidget;
  column->setFixedWidth(kColumn);
  auto* all = new QVBoxLayout(column);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(size::kGap);
  all->addWidget(scroll, 1);
  follow_ = new QCheckBox(tr("Run as I change things"));
  follow_->setChecked(true);
  run_ = new QPushButton(icon(theme, QLatin1String("play"), &Tokens::onAccent), tr("Run attack"));
  run_->setProperty("kind", QStringLiteral("primary"));
  run_->setToolTip(tr("Run the attack (Ctrl+Return)"));
  auto* copy = new QToolButton;
  copy->setIcon(icon(theme, QLatin1String("copy")));
  copy->setToolTip(tr("Copy the command that makes what is shown, up to its step"));
  copy->setAccessibleName(copy->toolTip());
  connect(copy, &QToolButton::clicked, this, [this] { saver_->copy_command(); });
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(run_, 1);
  buttons->addWidget(copy);
  all->addWidget(follow_);
  all->addLayout(buttons);
  return column;
}

void AttackLabPanel::make_cards() {
  Theme& theme = session_->theme();
  pictures_ = new AttackPictures(theme);
  pictures_card_ = new Card(theme);
  pictures_card_->set_padding(kPicturesPadding);
  strip_ = new AnswerStrip(theme, tr("Run again"));
  empty_ = new EmptyState(theme, QLatin1String("attack"), tr("No run is chosen"), {});
  connect(empty_->add_button(tr("Open History"), EmptyState::Kind::plain), &QPushButton::clicked, this, [this] { session_->open_place(QStringLiteral("history")); });
  auto* shown = new QWidget;
  auto* column = new QVBoxLayout(shown);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(strip_);
  column->addWidget(pictures_, 1);
  pages_ = new QStackedLayout;
  pictures_card_->body()->addLayout(pages_, 1);  // first: a page without a parent would be a window for a moment, and take the focus
  pages_->addWidget(empty_);
  pages_->addWidget(shown);

  path_card_ = new PathCard(theme);
  prediction_card_ = new Card(theme, tr("Prediction"));
  prediction_card_->header()->addWidget(new Legend(theme));
  bars_ = new PredictionBars(theme);
  transfer_ = new TransferTable(theme);
  transfer_->hide();
  prediction_card_->body()->addWidget(bars_, 1);
  prediction_card_->body()->addWidget(transfer_);
  radius_card_ = new RadiusCard(theme);
  images_card_ = new Card(theme, tr("Images"));
  browser_ = new ImageBrowser(*session_);
  images_card_->header()->addWidget(browser_->filters());
  images_card_->body()->addWidget(browser_, 1);
}

void AttackLabPanel::make_actions() {
  saver_ = new AttackSaver(*session_, [this] { return shown(); }, [this] { return command(); }, this);
  smallest_ = new QAction(icon(session_->theme(), QLatin1String("wand")), tr("Find smallest ε"), this);
  smallest_->setToolTip(tr("Attack at every radius and search for the smallest that flips the class"));
  connect(smallest_, &QAction::triggered, this, &AttackLabPanel::find_smallest);
}

void AttackLabPanel::connect_parts() {
  soon_.setSingleShot(true);
  soon_.setInterval(kSoonMs);
  connect(&soon_, &QTimer::timeout, this, &AttackLabPanel::run);
  const auto another = [this] {
    branch_ = nlohmann::json::object();
    changed();
  };
  connect(controls_, &AttackControls::changed, this, another);
  connect(session_, &Session::run_selected, this, [this, another] {
    if (session_->attack().empty()) controls_->reset();
    another();
  });
  connect(&session_->library(), &RunLibrary::runs_changed, this, [this] {
    if (!result_) changed();
  });
  connect(session_, &Session::checkpoint_selected, checkpoint_, &CheckpointCombo::set_choice);
  connect(session_, &Session::checkpoint_selected, this, another);
  connect(session_, &Session::image_selected, this, another);
  connect(checkpoint_, &CheckpointCombo::chosen, session_, &Session::select_checkpoint);
  connect(second_, &CheckpointCombo::chosen, this, [this, another](const QString& choice) {
    transfer_->setVisible(!choice.isEmpty());
    arrange();
    another();
  });
  connect(run_, &QPushButton::clicked, this, [this] {
    if (asker_.asks()) asker_.cancel();
    else run();
  });
  connect(&asker_, &AttackAsker::working_changed, this, &AttackLabPanel::set_working);
  connect(&asker_, &AttackAsker::progressed, this, [this](int done, int total) { path_card_->set_progress(tr("step %1 of %2").arg(done).arg(total)); });
  connect(&asker_, &AttackAsker::failed, this, &AttackLabPanel::show_error);
  connect(&asker_, &AttackAsker::answered, this, [this](const std::string& answered_question) {
    const nlohmann::json asked = question();
    if (answered_question == asked.dump()) answered(asker_.answer_to(asked));
  });
  connect(&asker_, &AttackAsker::radii_changed, this, [this](const std::string& key) {
    if (key == AttackAsker::radii_key(question())) show_radii();
  });
  connect(&asker_, &AttackAsker::search_progressed, this, [this](const std::string& key, const QString& words) {
    if (words.isEmpty() || key == AttackAsker::radii_key(question())) radius_card_->set_progress(words);
  });
  connect(&asker_, &AttackAsker::second_answered, this, [this] {
    if (!result_) return;
    show_models();
    show_second();
  });
  connect(&asker_, &AttackAsker::second_failed, this, [this](const QString& sentence) {
    transfer_->show_problem(sentence);
    if (!second_->choice().isEmpty()) pictures_->show_no_second(sentence, second_->currentText());
  });
  connect(path_card_, &PathCard::step_chosen, this, [this](int step) {
    const int offset = walk_number_ == PathCard::kBranch && result_ ? result_->branch_step : 0;
    at_end_ = walk_ && step - offset == walk_->last();
    show_step(step - offset);
  });
  connect(path_card_, &PathCard::walk_chosen, this, [this](int walk) { show_result(result_, walk); });
  connect(path_card_, &PathCard::branch_wanted, this, [this](const nlohmann::json& options) {
    branch_ = options;
    changed();
    run();
  });
  connect(radius_card_, &RadiusCard::radius_chosen, this, [this](double epsilon) {
    const auto radii = controls_->radii();
    controls_->set_epsilon(*std::min_element(radii.begin(), radii.end(), [epsilon](double a, double b) { return std::abs(a - epsilon) < std::abs(b - epsilon); }));
  });
  connect(views_, &SegmentedControl::chosen, this, &AttackLabPanel::arrange);
  connect(browser_, &ImageBrowser::summary_changed, images_card_, &Card::set_caption);
  connect(browser_, &ImageBrowser::page_changed, this, [this] { controls_->set_classes(browser_->classes()); });
  connect(strip_, &MessageStrip::acted, this, &AttackLabPanel::run);
}

void AttackLabPanel::order_tabs(QWidget& tools) {
  set_tab_order({column_, &tools, pictures_card_, path_card_, prediction_card_, radius_card_, images_card_});
  pass_on_keys(*this, {Qt::Key_Comma, Qt::Key_Period, Qt::Key_Less, Qt::Key_Greater, Qt::Key_BracketLeft, Qt::Key_BracketRight});
}

void AttackLabPanel::arrange() {
  const bool two = !second_->choice().isEmpty(), low = height() < (two ? kLowForTwo : kLow);
  views_->setVisible(low);
  for (QWidget* each : tool_labels_) each->setVisible(width() >= kNarrow);
  const int view = low ? views_->index() : -1;
  grid_->addWidget(pictures_card_, 0, 0, 1, 2);
  grid_->addWidget(path_card_, 1, 0);
  grid_->addWidget(prediction_card_, 1, 1);
  grid_->addWidget(radius_card_, low ? 1 : 2, 0);
  grid_->addWidget(images_card_, low ? 1 : 2, low ? 0 : 1);
  path_card_->setVisible(!low || view == 0);
  radius_card_->setVisible(!low || view == 1);
  images_card_->setVisible(!low || view == 2);
  const int shares[] = {two ? 60 : 40, low ? 30 : 25, low ? 0 : 21};
  for (int row = 0; row < 3; ++row) grid_->setRowStretch(row, shares[row]);
  grid_->setColumnStretch(0, 60);
  grid_->setColumnStretch(1, 40);
  // What the pictures, which grow by whole pixels, cannot use, the cards below them can.
  const int gaps = (low ? 2 : 3) * size::kGap, all = shares[0] + shares[1] + shares[2];
  const QSize room(width() - (column_->isVisibleTo(this) ? kColumn + size::kGap : 0), (height() - size::kField - gaps) * shares[0] / all);
  const int padding = 2 * kPicturesPadding, wanted = pictures_->height_for({room.width() - padding, room.height() - padding}) + padding;
  pictures_card_->setMaximumHeight(std::max(wanted, pictures_->minimumSizeHint().height() + padding));
}

}  // namespace mimir
