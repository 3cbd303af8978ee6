#include "widgets/panels/attention/attention_panel.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "core/figure/inspection_figures.h"
#include "widgets/form/answer_strip.h"
#include "widgets/form/picture_drop.h"
#include "widgets/form/tab_order.h"
#include "widgets/format.h"
#include "widgets/image/map_grid.h"
#include "widgets/image/save_figure.h"
#include "widgets/panels/attention/attention_controls.h"
#include "widgets/panels/attention/attention_row.h"
#include "widgets/panels/attention/layer_strip.h"
#include "widgets/plot/line_plot.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

const bool registered = add_panel({"attention", QT_TRANSLATE_NOOP("Panel", "Attention"), "attention", 5, [](Session& session) -> QWidget* { return new AttentionPanel(session); },
                                   QT_TRANSLATE_NOOP("Panel", "Click a patch of a picture to see what that patch attends to; Esc goes back.")});

}  // namespace

AttentionPanel::AttentionPanel(Session& session) : session_(&session), copy_command_(new QAction(tr("Copy command"), this)), save_(new QAction(tr("Save picture"), this)) {
  copy_command_->setIcon(icon(session.theme(), QLatin1String("copy")));
  save_->setIcon(icon(session.theme(), QLatin1String("export")));
  save_->setToolTip(tr("Saves a figure of the answer, with scales, attack and seed"));
  connect(save_, &QAction::triggered, this, &AttentionPanel::save_picture);
  copy_command_->setToolTip(tr("Copies the command line that makes this answer again"));
  connect(copy_command_, &QAction::triggered, this, [this] { QApplication::clipboard()->setText(QString::fromStdString(maps_->answer().result["command"].get<std::string>())); });
  setFocusPolicy(Qt::ClickFocus);  // its keys; no stop of its own on the way of Tab
  setAccessibleName(tr("Attention"));
  accept_pictures(*this, session);
  pages_ = new QStackedLayout(this);
  empty_ = new EmptyState(session.theme(), QLatin1String("attention"), {}, {});
  try_again_ = empty_->add_button(tr("Try again"), EmptyState::Kind::primary);
  open_history_ = empty_->add_button(tr("Open History"), EmptyState::Kind::plain);
  connect(try_again_, &QPushButton::clicked, this, &AttentionPanel::ask);
  connect(open_history_, &QPushButton::clicked, this, [this] { session_->open_place(QStringLiteral("history")); });
  pages_->addWidget(empty_);
  pages_->addWidget(make_content());

  settle_.setSingleShot(true);
  settle_.setInterval(kSettleMs);
  connect(&settle_, &QTimer::timeout, this, &AttentionPanel::ask);
  connect(&session, &Session::run_selected, this, &AttentionPanel::ask_soon);
  connect(&session, &Session::checkpoint_selected, this, &AttentionPanel::ask_soon);
  connect(&session, &Session::image_selected, this, &AttentionPanel::ask_soon);
  connect(controls_, &AttentionControls::model_changed, this, [this] {
    model_changed_ = true;
    ask_soon();
  });
  connect(controls_, &AttentionControls::view_changed, this, &AttentionPanel::repaint_views);
  connect(controls_, &AttentionControls::question_changed, this, &AttentionPanel::ask_soon);
  connect(controls_, &AttentionControls::beside_changed, this, &AttentionPanel::ask_beside);
  set_tab_order({controls_, grid_card_, pictures_card_, layers_card_});
  pass_on_keys(*this, {Qt::Key_BracketLeft, Qt::Key_BracketRight});
  update_pages();
}

QWidget* AttentionPanel::make_content() {
  Theme& theme = session_->theme();
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(size::kGap);
  controls_ = new AttentionControls(*session_);
  strip_ = new AnswerStrip(theme, tr("Try again"));
  connect(strip_, &MessageStrip::acted, this, &AttentionPanel::ask);
  column->addWidget(controls_);
  column->addWidget(strip_);
  columns_ = new QHBoxLayout;
  columns_->setSpacing(size::kGap);
  column->addLayout(columns_, 1);

  grid_card_ = new Card(theme, tr("Layers × heads"));
  side_ = new SegmentedControl(theme, tr("Side of the grid"), {tr("Clean"), tr("Adv."), tr("Diff.")});
  grid_card_->header()->addWidget(side_);
  grid_ = new MapGrid(theme, tr("layer"), tr("head"));
  grid_card_->body()->addWidget(grid_);
  columns_->addWidget(grid_card_);

  right_ = new QVBoxLayout;
  right_->setSpacing(size::kGap);
  pictures_card_ = new Card(theme);
  pictures_card_->set_padding(14);
  first_ = new AttentionRow(theme);
  second_ = new AttentionRow(theme);
  second_->hide();
  pictures_card_->body()->addWidget(first_, 1);
  pictures_card_->body()->addWidget(second_, 1);
  right_->addWidget(pictures_card_);
  right_->addWidget(make_layers_card());
  columns_->addLayout(right_);
  share_width();

  connect(side_, &SegmentedControl::chosen, this, &AttentionPanel::repaint_views);
  connect(grid_, &MapGrid::current_changed, this, [this](int layer, int head) {
    layer_ = layer;
    if (grid_->cell_columns() > 1) head_ = head;
    repaint_views();
  });
  connect(grid_, &MapGrid::opened, this, [this] { first_->view(static_cast<Side>(side_->index())).setFocus(); });
  for (AttentionRow* each : {first_, second_}) {
    AttentionRow* other = each == first_ ? second_ : first_;
    connect(each, &AttentionRow::patch_picked, controls_, &AttentionControls::set_from);
    connect(each, &AttentionRow::patch_hovered, other, &AttentionRow::set_hovered);
  }
  return content;
}

QWidget* AttentionPanel::make_layers_card() {
  Theme& theme = session_->theme();
  layers_card_ = new Card(theme, tr("Through the layers"));
  measure_ = new QComboBox;
  measure_->setAccessibleName(tr("How clean and adversarial attention are compared"));
  const std::pair<QString, const char*> measures[] = {{tr("Jensen–Shannon, bits"), "divergence"}, {tr("total variation"), "distance"}, {tr("Frobenius distance"), "frobenius"},
                                                      {tr("cosine"), "cosine"}, {tr("CKA of the tokens"), "cka"}};
  for (const auto& [word, name] : measures) measure_->addItem(word, QLatin1String(name));
  below_ = new SegmentedControl(theme, tr("Below"), {tr("Layers"), tr("Faithfulness")});
  layers_card_->header()->addWidget(measure_);
  layers_card_->header()->addWidget(below_);
  below_pages_ = new QStackedLayout;
  layers_card_->body()->addLayout(below_pages_, 1);
  auto* through = new QWidget;
  auto* column = new QVBoxLayout(through);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  distances_ = new LinePlot(theme);
  distances_->setAccessibleName(tr("Clean and adversarial attention, apart by layer"));
  distances_->set_margins(LayerStrip::kLabels, 8);
  layers_ = new LayerStrip(theme);
  column->addWidget(distances_, 3);
  column->addWidget(layers_, 7);
  below_pages_->addWidget(through);

  auto* faithful = new QWidget;
  auto* beside = new QHBoxLayout(faithful);
  beside->setContentsMargins(0, 0, 0, 0);
  curves_ = new LinePlot(theme);
  curves_->setAccessibleName(tr("Deletion and insertion"));
  areas_ = new QLabel;
  areas_->setProperty("role", QStringLiteral("label"));
  areas_->setWordWrap(true);
  areas_->setFixedWidth(250);
  areas_->setAlignment(Qt::AlignTop);
  beside->addWidget(curves_, 1);
  beside->addWidget(areas_);
  below_pages_->addWidget(faithful);

  connect(layers_, &LayerStrip::layer_chosen, this, &AttentionPanel::choose_layer);
  connect(distances_, &LinePlot::x_chosen, this, [this](double layer) { choose_layer(static_cast<int>(layer)); });
  connect(measure_, &QComboBox::currentIndexChanged, this, &AttentionPanel::repaint_distances);
  connect(below_, &SegmentedControl::chosen, this, [this](int page) {
    below_pages_->setCurrentIndex(page);
    measure_->setVisible(page == 0);
    if (page == 1) ask_faithfulness();
    repaint_views();
  });
  return layers_card_;
}

void AttentionPanel::ask_soon() {
  dirty_ = true;
  update_pages();
  if (isVisible()) settle_.start();
}

nlohmann::json AttentionPanel::question() const {
  nlohmann::json question = session_->question();
  if (question.empty()) return question;
  question.update(controls_->options());
  return question;
}

void AttentionPanel::ask() {
  settle_.stop();
  dirty_ = false;
  const bool changed = std::exchange(model_changed_, false);
  const nlohmann::json now = question();
  if (now.empty()) {
    session_->worker().cancel(this, QStringLiteral("attend"));
    maps_.reset();
    problem_.clear();
    update_pages();
    return;
  }
  if (maps_ && problem_.isEmpty() && now == shown_question_ && !changed) {
    ask_attacked();
    return ask_beside();
  }
  pictures_card_->set_busy(true);
  session_->worker().ask(this, QStringLiteral("attend"), "attend", now, [this, now](const Worker::Answer& answer) {
    if (!answer->ends()) return;
    if (answer->part == AnswerPart::final) shown_question_ = now;
    answered(answer);
    if (answer->part == AnswerPart::final && problem_.isEmpty()) ask_attacked();
  });
  ask_beside();
}

void AttentionPanel::ask_attacked() {
  nlohmann::json options = shown_question_;
  const nlohmann::json attack = controls_->attack();
  attack_pending_ = !attack.empty() && maps_->classifies();
  if (!attack_pending_) {
    // Back to the clean answer alone, if an attacked one is shown.
    session_->worker().cancel(this, QStringLiteral("attend"));
    pictures_card_->set_busy(false);
    return repaint_views();
  }
  options.update(attack);
  pictures_card_->set_busy(true);
  session_->worker().ask(this, QStringLiteral("attend"), "attend", std::move(options), [this](const Worker::Answer& answer) {
    if (!answer->ends()) return;
    attack_pending_ = false;
    answered(answer);
  });
  repaint_views();
}

void AttentionPanel::answered(const Worker::Answer& answer) {
  pictures_card_->set_busy(false);
  if (answer->part == AnswerPart::cancelled) return repaint_views();
  if (answer->part == AnswerPart::error) return show_problem(sentence_text(answer->message));
  auto maps = AttentionMaps::read(answer);
  if (!maps) return show_problem(sentence_text(maps.error().message));
  problem_.clear();
  const bool fresh = !maps_ || maps_->layers() != maps->layers();
  maps_ = std::make_shared<const AttentionMaps>(std::move(*maps));
  if (fresh || layer_ < 0) layer_ = maps_->layers() - 1;
  head_ = std::min(head_, maps_->heads() - 1);
  controls_->follow(*maps_);
  update_pages();
  repaint_views();
  if (below_->index() == 1) ask_faithfulness();
}

void AttentionPanel::ask_beside() {
  const QString other = controls_->beside();
  nlohmann::json options = question();
  if (other.isEmpty() || options.empty()) {
    session_->worker().cancel(this, QStringLiteral("beside"));
    beside_.reset();
    beside_problem_.clear();
    return repaint_views();
  }
  options["run"] = other.toStdString();
  options.erase("class");
  const nlohmann::json attack = controls_->attack();
  options.update(attack);
  const auto take = [this](const Worker::Answer& answer) {
    if (!answer->ends() || answer->part == AnswerPart::cancelled) return;
    beside_problem_ = sentence_text(answer->message);
    if (answer->part == AnswerPart::final) {
      auto maps = AttentionMaps::read(answer);
      beside_problem_ = maps ? QString() : sentence_text(maps.error().message);
      if (maps) beside_ = std::make_shared<const AttentionMaps>(std::move(*maps));
    }
    if (!beside_problem_.isEmpty()) beside_.reset();
    repaint_views();
  };
  session_->worker().ask(this, QStringLiteral("beside"), "attend", options, [this, options, attack, take](const Worker::Answer& answer) mutable {
    if (answer->part != AnswerPart::error || answer->code != "mismatch" || attack.empty()) return take(answer);
    // A masked autoencoder has no answer to attack: it is looked at clean.
    for (const auto& [key, value] : attack.items()) options.erase(key);
    session_->worker().ask(this, QStringLiteral("beside"), "attend", options, take);
  });
  repaint_views();
}

void AttentionPanel::ask_faithfulness() {
  faithfulness_.reset();
  const char* const names[] = {"raw", "rollout", "gradient-rollout", "relevance", nullptr};
  const char* map = names[static_cast<std::size_t>(controls_->kind())];
  if (!maps_ || !maps_->classifies() || !map) return repaint_faithfulness();
  nlohmann::json options = shown_question_;
  options["faithfulness"] = map;
  layers_card_->set_busy(true);
  session_->worker().ask(this, QStringLiteral("faithfulness"), "attend", std::move(options), [this](const Worker::Answer& answer) {
    if (!answer->ends()) return;
    layers_card_->set_busy(false);
    if (answer->part != AnswerPart::cancelled) faithfulness_ = answer;
    repaint_faithfulness();
  });
  repaint_faithfulness();
}

void AttentionPanel::show_problem(const QString& sentence) {
  problem_ = sentence;
  update_pages();
  repaint_views();
}

void AttentionPanel::update_pages() {
  const bool no_run = session_->question().empty();
  if (no_run) empty_->set_text(tr("No run is chosen"), tr("Choose a run, or open a checkpoint, to see what its model attends to."));
  else if (!problem_.isEmpty()) empty_->set_text(tr("Nothing to look at"), problem_);
  else empty_->set_text(tr("Asking the model"), tr("The maps of every layer and head come in a moment."));
  try_again_->setVisible(!no_run && !problem_.isEmpty());
  open_history_->setVisible(no_run || !problem_.isEmpty());
  pages_->setCurrentIndex(no_run || !maps_ ? 0 : 1);
  if (maps_) strip_->show_answer(problem_, maps_->answer().result);
  const bool command = maps_ && problem_.isEmpty() && maps_->answer().result.contains("command") && maps_->answer().result["command"].is_string();
  copy_command_->setEnabled(command);
  save_->setEnabled(maps_ && problem_.isEmpty());
}

bool AttentionPanel::settled() const {
  const Worker& worker = session_->worker();
  return !settle_.isActive() && !worker.asks(this, QStringLiteral("attend")) && !worker.asks(this, QStringLiteral("beside")) && !worker.asks(this, QStringLiteral("faithfulness"));
}

void AttentionPanel::save_picture() {
  save_figure(this, *session_, attention_figure(maps_->answer().result, maps_->answer().arrays), QStringLiteral("attention"));
}

void AttentionPanel::choose_layer(int layer) {
  layer_ = layer;
  repaint_views();
}

void AttentionPanel::keyPressEvent(QKeyEvent* event) {
  ImageChoice image = session_->image();
  switch (event->key()) {
    case Qt::Key_Escape: controls_->set_from(maps_ && maps_->class_token() ? MapQuery::kClassToken : MapQuery::kMean); return;
    case Qt::Key_BracketLeft: image.index = std::max<std::int64_t>(image.index - 1, 0); break;
    case Qt::Key_BracketRight: ++image.index; break;
    default: return QWidget::keyPressEvent(event);
  }
  image.file.clear();
  session_->select_image(image);
}

void AttentionPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (dirty_) settle_.start();
}

void AttentionPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  share_width();
}

}  // namespace mimir
