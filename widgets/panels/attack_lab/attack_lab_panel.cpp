#include "widgets/panels/attack_lab/attack_lab_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QGridLayout>
#include <QKeyEvent>
#include <QMimeData>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <utility>

#include "widgets/form/answer_strip.h"
#include "widgets/form/checkpoint_combo.h"
#include "widgets/form/message_strip.h"
#include "widgets/format.h"
#include "widgets/image/image_browser.h"
#include "widgets/panels/attack_lab/attack_controls.h"
#include "widgets/panels/attack_lab/attack_pictures.h"
#include "widgets/panels/attack_lab/image_chip.h"
#include "widgets/panels/attack_lab/measured_card.h"
#include "widgets/panels/attack_lab/path_card.h"
#include "widgets/panels/attack_lab/prediction_bars.h"
#include "widgets/panels/attack_lab/transfer_table.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

const bool registered =
    add_panel({"attack-lab", QT_TRANSLATE_NOOP("Panel", "Attack Lab"), "attack", 4, [](Session& session) -> QWidget* { return new AttackLabPanel(session); },
               QT_TRANSLATE_NOOP("Panel", "The keys , and . walk through the steps of the attack, [ and ] through the images; a picture dropped here is attacked, too.")});

constexpr int kRows = 5;

bool is_picture(const QString& file) {
  const QString ending = QFileInfo(file).suffix().toLower();
  return ending == QLatin1String("png") || ending == QLatin1String("jpg") || ending == QLatin1String("jpeg");
}

}  // namespace

AttackLabPanel::AttackLabPanel(Session& session) : session_(&session), program_({}, this), asker_(session) {
  setAccessibleName(tr("Attack Lab"));
  setFocusPolicy(Qt::ClickFocus);  // its keys; no stop of its own on the way of Tab
  setAcceptDrops(true);
  make_cards();
  column_ = make_column();
  auto* tools = make_tools();
  auto* content = new QVBoxLayout;
  content->setSpacing(size::kGap);
  grid_ = new QGridLayout;
  grid_->setSpacing(size::kGap);
  content->addWidget(tools);
  content->addLayout(grid_, 1);
  auto* all = new QHBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(size::kGap);
  all->addWidget(column_);
  all->addLayout(content, 1);
  make_actions();
  connect_parts();
  arrange();
  order_tabs(*tools);
  changed();
  program_.describe(this, [this](const Expected<nlohmann::json>& description) {
    Expected<void> read = description ? controls_->describe(*description) : Expected<void>(tl::unexpected(description.error()));
    if (!read) session_->say(sentence_text(read.error().message));
  });
}

AttackLabPanel::~AttackLabPanel() = default;

QAction* AttackLabPanel::save_action() const { return saver_->action(); }

QList<QAction*> AttackLabPanel::actions() const { return {saver_->action(), smallest_}; }

QAction* AttackLabPanel::figure_action() const { return saver_->figure_action(); }

bool AttackLabPanel::settled() const { return !soon_.isActive() && asker_.settled() && browser_->settled() && saver_->settled(); }

nlohmann::json AttackLabPanel::question() const {
  nlohmann::json question = session_->question();
  if (question.empty()) return question;
  question.update(controls_->options());
  question["trajectory"] = true;
  question.update(branch_);
  if (const QString second = second_->choice(); !second.isEmpty()) question["transfer"] = second.toStdString();
  return question;
}

void AttackLabPanel::changed() {
  pending_ = !isVisible();
  if (pending_) return;
  const nlohmann::json asked = question();
  const QString problem = asked.empty() ? QString() : controls_->problem();
  problem_->setVisible(!problem.isEmpty());
  if (!problem.isEmpty()) problem_->show_message(Tone::danger, QLatin1String("error"), problem);
  run_->setEnabled(!asked.empty() && problem.isEmpty());
  smallest_->setEnabled(run_->isEnabled());
  show_radii();
  show_second();
  soon_.stop();
  if (asked.empty()) {
    result_.reset();
    walk_.reset();
    return show_nothing(tr("No run is chosen"), tr("Choose a run with a classifier, or drop a file of weights here."));
  }
  if (Result kept = asker_.answer_to(asked)) {
    asker_.cancel();
    result_question_ = asked;
    session_->set_attack(controls_->options());
    const int walk = kept->branch && !branch_.empty() ? PathCard::kBranch : kept->best;
    return show_result(std::move(kept), walk);
  }
  const std::string key = AttackAsker::radii_key(asked);
  const AttackAsker::Radii* radii = asker_.radii_of(key);
  if (radii && branch_.empty() && result_ && AttackAsker::radii_key(result_question_) == key) {
    if (const auto walk = radii->walks.find(controls_->epsilon()); walk != radii->walks.end()) {
      show_radius(walk->second);
      if (follow_->isChecked() && problem.isEmpty()) soon_.start();
      return;
    }
  }
  set_stale(true);
  if (follow_->isChecked() && problem.isEmpty()) soon_.start();
}

void AttackLabPanel::run() {
  soon_.stop();
  const nlohmann::json asked = question();
  if (asked.empty() || !controls_->problem().isEmpty()) return;
  if (asker_.answer_to(asked) && asker_.second_problem(asked).isEmpty()) return changed();
  session_->set_attack(controls_->options());
  if (pages_->currentIndex() == 0 && !result_) show_nothing(tr("Attacking"), tr("The model is loaded and the attack runs; the first answer takes longest."));
  asker_.ask(asked);
}

void AttackLabPanel::answered(Result result) {
  result_question_ = question();
  strip_->show_answer({}, result->json());
  const int walk = result->branch && !branch_.empty() ? PathCard::kBranch : result->best;
  show_result(std::move(result), walk);
  if (std::exchange(search_next_, false)) find_smallest();
}

void AttackLabPanel::find_smallest() {
  const nlohmann::json asked = question();
  if (asked.empty() || !controls_->problem().isEmpty()) return;
  if (!result_ || AttackAsker::radii_key(result_question_) != AttackAsker::radii_key(asked)) {  // its walks need the clean picture
    search_next_ = true;
    return run();
  }
  views_->set_index(1);
  asker_.ask_radii(asked, result_->restarts[static_cast<std::size_t>(result_->best)], controls_->radii());
}

void AttackLabPanel::show_result(Result result, int walk) {
  if (!result) return;
  result_ = std::move(result);
  walk_number_ = walk;
  walk_ = walk == PathCard::kBranch && result_->branch ? *result_->branch : result_->restarts[static_cast<std::size_t>(std::clamp(walk, 0, static_cast<int>(result_->restarts.size()) - 1))];
  step_ = at_end_ ? walk_->last() : std::min(step_, walk_->last());
  set_stale(false);
  pages_->setCurrentIndex(1);
  path_card_->show_walk(*result_, *walk_, walk, step_);
  const auto& hints = result_->json().contains("hints") ? result_->json()["hints"] : nlohmann::json::array();
  hint_->show();
  if (hints.empty()) {
    hint_->show_message(Tone::ok, QLatin1String("ok"), tr("No sign of gradient masking"), tr("The loss rises and gradients are not zero."));
  } else {
    hint_->show_message(Tone::warning, QLatin1String("warning"), tr("A sign of gradient masking"), QString::fromStdString(hints.front().value("message", std::string())));
  }
  image_chip_->show_known(result_question_, image_of(walk_->clean, walk_->channels, walk_->side), result_->class_name(walk_->label));
  show_models();
  saver_->action()->setEnabled(true);
  saver_->figure_action()->setEnabled(true);
  show_step(step_);
  show_radii();
  if (std::exchange(side_, walk_->side) != walk_->side) arrange();
}

void AttackLabPanel::show_radius(const AttackPath& path) {
  walk_ = path;
  walk_number_ = PathCard::kRadius;
  step_ = at_end_ ? path.last() : std::min(step_, path.last());
  set_stale(false);
  path_card_->show_walk(*result_, path, PathCard::kRadius, step_);
  show_step(step_);
}

void AttackLabPanel::show_step(int step) {
  if (!walk_ || !result_) return;
  step_ = std::clamp(step, 0, walk_->last());
  pictures_->show_iterate(result_, *walk_, step_, second_->choice().isEmpty() ? QString() : model_words(result_->json(), session_->library()));
  show_second();
  bars_->set_rows(top_rows(result_->clean_probabilities, walk_->probabilities[static_cast<std::size_t>(step_)], result_->label_known() ? walk_->label : -1, kRows, [this](int index) { return result_->class_name(index); }));
  const auto zero = result_->image().find("zero_gradient");
  const bool known = walk_number_ == result_->best && zero != result_->image().end() && zero->is_number();
  measured_->show_iterate(*walk_, step_, known ? std::optional(zero->get<double>()) : std::nullopt);
}

void AttackLabPanel::show_models() {
  if (second_->choice().isEmpty()) return;
  const QString problem = asker_.second_problem(result_question_);
  if (result_->transfer_clean.empty() && problem.isEmpty()) return;
  const AttackAsker::Result other = asker_.second_answer_to(result_question_);
  transfer_->set_models(model_words(result_->json(), session_->library()), other ? model_words(other->json(), session_->library()) : second_->currentText());
  transfer_->show_first(*result_);
  transfer_->show_second(other ? other->answer.get() : nullptr, result_->classes, result_->restarts.front().label);
  if (!problem.isEmpty()) transfer_->show_problem(problem);
}

/// The second model's pictures at the step that is shown, or what stands in their place.
void AttackLabPanel::show_second() {
  if (second_->choice().isEmpty() || !result_) return pictures_->leave_second();
  const bool mine = result_question_.value("transfer", std::string()) == second_->choice().toStdString();
  const AttackAsker::Result other = mine ? asker_.second_answer_to(result_question_) : nullptr;
  const QString problem = mine ? asker_.second_problem(result_question_) : QString();
  const int offset = walk_number_ == PathCard::kBranch ? result_->branch_step : 0;
  if (other) pictures_->show_second(other, offset + step_, model_words(other->json(), session_->library()));
  else if (!problem.isEmpty()) pictures_->show_no_second(problem, second_->currentText());
  else if (!mine || !pictures_->two()) pictures_->show_no_second(tr("The second model is being attacked."), second_->currentText());
  pictures_->set_stale(stale_, stale_ || !other);
}

void AttackLabPanel::show_radii() {
  static const AttackAsker::Radii kNone;
  const nlohmann::json asked = question();
  const AttackAsker::Radii* radii = asked.empty() ? nullptr : asker_.radii_of(AttackAsker::radii_key(asked));
  if (!radii) radii = &kNone;
  radius_card_->show_radii(radii->walks, radii->search, controls_->epsilon(), controls_->radii().back(), controls_->linf());
}

void AttackLabPanel::show_nothing(const QString& line, const QString& sentence) {
  empty_->set_text(line, sentence);
  pages_->setCurrentIndex(0);
  saver_->action()->setEnabled(result_ != nullptr);
  saver_->figure_action()->setEnabled(result_ != nullptr);
}

void AttackLabPanel::show_error(const WorkerAnswer& answer) {
  const QString sentence = sentence_text(answer.message);
  // What was shown is of another model or picture if nothing of the present one came yet.
  const nlohmann::json now = session_->question();
  const bool same = result_ && !now.empty() && result_question_.value("run", std::string()) == now.value("run", std::string());
  if (!same) {
    result_.reset();
    walk_.reset();
    return show_nothing(session_->worker().state() == Worker::State::failed ? tr("Nothing answers") : tr("Nothing to attack here"), sentence);
  }
  strip_->show_answer(sentence, {});
  set_stale(true);
}

void AttackLabPanel::set_stale(bool stale) {
  stale_ = stale;
  pictures_->set_stale(stale, stale);
  bars_->set_stale(stale);
  path_card_->set_stale(stale);
}

void AttackLabPanel::set_working(bool working) {
  pictures_card_->set_busy(working);
  path_card_->set_progress({});
  run_->setText(working ? tr("Cancel") : tr("Run attack"));
  run_->setIcon(icon(session_->theme(), QLatin1String(working ? "stop" : "play"), &Tokens::onAccent));
}

std::optional<ShownAttack> AttackLabPanel::shown() const {
  if (!result_ || !walk_) return std::nullopt;
  nlohmann::json asked = question_of_iterate(result_question_, *result_, *walk_, walk_number_, step_);
  const bool at_hand = walk_number_ == result_->best && step_ == walk_->last();
  return ShownAttack{result_, *walk_, step_, std::move(asked), at_hand};
}

QString AttackLabPanel::command() const {
  const std::optional<ShownAttack> now = stale_ ? std::nullopt : shown();
  return attack_command(now ? now->question : question(), session_->worker().hello());
}

void AttackLabPanel::save(const QString& file, const std::function<void(const Expected<void>&)>& done) { saver_->save(file, done); }

void AttackLabPanel::keyPressEvent(QKeyEvent* event) {
  const bool ten = event->modifiers() & Qt::ShiftModifier;
  switch (event->key()) {
    case Qt::Key_Space: path_card_->toggle_play(); break;
    case Qt::Key_Comma: case Qt::Key_Less: path_card_->move_step(ten ? -10 : -1); break;
    case Qt::Key_Period: case Qt::Key_Greater: path_card_->move_step(ten ? 10 : 1); break;
    case Qt::Key_Home: path_card_->to_end(false); break;
    case Qt::Key_End: path_card_->to_end(true); break;
    case Qt::Key_BracketLeft: browser_->step(-1); break;
    case Qt::Key_BracketRight: browser_->step(1); break;
    case Qt::Key_Escape: asker_.cancel_all(); break;
    case Qt::Key_Return: case Qt::Key_Enter:
      if (event->modifiers() & Qt::ControlModifier) run();
      else QWidget::keyPressEvent(event);
      break;
    default: QWidget::keyPressEvent(event);
  }
}

void AttackLabPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void AttackLabPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (pending_) changed();
}

void AttackLabPanel::dragEnterEvent(QDragEnterEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  const QString file = urls.isEmpty() ? QString() : urls.front().toLocalFile();
  if (is_picture(file) || file.endsWith(QLatin1String(".safetensors"))) event->acceptProposedAction();
}

void AttackLabPanel::dropEvent(QDropEvent* event) {
  const QString file = event->mimeData()->urls().front().toLocalFile();
  if (is_picture(file)) session_->select_image({session_->image().split, 0, file});
  else session_->select_checkpoint(file);
  event->acceptProposedAction();
}

}  // namespace mimir
