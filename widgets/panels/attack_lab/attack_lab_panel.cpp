#include "widgets/panels/attack_lab/attack_lab_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/base/text.h"
#include "core/figure/inspection_figures.h"
#include "widgets/form/checkpoint_combo.h"
#include "widgets/form/message_strip.h"
#include "widgets/format.h"
#include "widgets/image/figure_file.h"
#include "widgets/image/image_browser.h"
#include "widgets/panels/attack_lab/attack_controls.h"
#include "widgets/panels/attack_lab/attack_export.h"
#include "widgets/panels/attack_lab/attack_pictures.h"
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
    add_panel({"attack-lab", QT_TRANSLATE_NOOP("Panel", "Attack Lab"), "attack", 4, [](Session& session) -> QWidget* { return new AttackLabPanel(session); }});

constexpr int kSoonMs = 120;
constexpr std::size_t kKept = 48;  ///< answers
constexpr int kRows = 5;
const QString kAttack = QStringLiteral("attack");
const QString kSearch = QStringLiteral("search");
const QString kSecond = QStringLiteral("second");

/// As one types it in a shell.
QString command_of(const nlohmann::json& question) {
  QStringList words{QStringLiteral("mimir"), QStringLiteral("attack")};
  const auto text = [](const nlohmann::json& value) { return QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump()); };
  if (question.contains("run")) words << text(question["run"]);
  for (const auto& [key, value] : question.items()) {
    if (key == "run") continue;
    const QString option = QStringLiteral("--") + QString::fromStdString(key);
    if (value.is_boolean()) {
      if (value.get<bool>()) words << option;
    } else if (value.is_array()) {
      for (const auto& each : value) words << option << text(each);
    } else {
      words << option << text(value);
    }
  }
  return shell_line(words);
}

bool is_picture(const QString& file) {
  const QString ending = QFileInfo(file).suffix().toLower();
  return ending == QLatin1String("png") || ending == QLatin1String("jpg") || ending == QLatin1String("jpeg");
}

}  // namespace

AttackLabPanel::AttackLabPanel(Session& session) : session_(&session), program_({}, this) {
  setAccessibleName(tr("Attack Lab"));
  setFocusPolicy(Qt::StrongFocus);
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
  changed();
  program_.describe(this, [this](const Expected<nlohmann::json>& description) {
    Expected<void> read = description ? controls_->describe(*description) : Expected<void>(tl::unexpected(description.error()));
    if (!read) session_->say(QString::fromStdString(read.error().message));
  });
}

AttackLabPanel::~AttackLabPanel() = default;

QList<QAction*> AttackLabPanel::actions() const { return {save_, smallest_}; }

bool AttackLabPanel::settled() const {
  const Worker& worker = session_->worker();
  return !soon_.isActive() && !worker.asks(this, kAttack) && !worker.asks(this, kSearch) && !worker.asks(this, kSecond) && browser_->settled();
}

void AttackLabPanel::make_actions() {
  Theme& theme = session_->theme();
  save_ = new QAction(icon(theme, QLatin1String("export")), tr("Save picture"), this);
  save_->setToolTip(tr("Save what is shown"));
  auto* menu = new QMenu(this);
  const auto add = [&](const QString& text, const char* suffix, const QString& filter) {
    connect(menu->addAction(text), &QAction::triggered, this, [this, suffix, filter] { save_as(QLatin1String(suffix), filter); });
  };
  add(tr("Figure, SVG…"), "svg", tr("SVG figure (*.svg)"));
  add(tr("Figure, PDF…"), "pdf", tr("PDF figure (*.pdf)"));
  add(tr("Figure, PNG…"), "figure.png", tr("PNG figure (*.figure.png)"));
  menu->addSeparator();
  add(tr("Adversarial picture, lossless PNG…"), "png", tr("PNG picture (*.png)"));
  add(tr("Adversarial picture, exact values…"), "safetensors", tr("Safetensors (*.safetensors)"));
  menu->addSeparator();
  connect(menu->addAction(icon(theme, QLatin1String("copy")), tr("Copy the command")), &QAction::triggered, this, [this] {
    QGuiApplication::clipboard()->setText(command());
    session_->say(tr("The command is copied."));
  });
  save_->setMenu(menu);
  connect(save_, &QAction::triggered, menu, [menu] { menu->popup(QCursor::pos()); });
  smallest_ = new QAction(icon(theme, QLatin1String("wand")), tr("Find smallest ε"), this);
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
  connect(session_, &Session::image_selected, this, &AttackLabPanel::show_image_chip);
  connect(checkpoint_, &CheckpointCombo::chosen, session_, &Session::select_checkpoint);
  connect(second_, &CheckpointCombo::chosen, this, [this, another](const QString& choice) {
    transfer_->setVisible(!choice.isEmpty());
    another();
  });
  connect(run_, &QPushButton::clicked, this, [this] {
    if (session_->worker().asks(this, kAttack)) session_->worker().cancel(this, kAttack);
    else run();
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
  connect(browser_, &ImageBrowser::page_changed, this, [this] {
    controls_->set_classes(browser_->classes());
    show_image_chip();
  });
  connect(strip_, &MessageStrip::acted, this, &AttackLabPanel::run);
}

nlohmann::json AttackLabPanel::question() const {
  nlohmann::json question = session_->question();
  if (question.empty()) return question;
  question.update(controls_->options());
  question["trajectory"] = true;
  question.update(branch_);
  if (const QString second = second_->choice(); !second.isEmpty()) question["transfer"] = second.toStdString();
  return question;
}

std::string AttackLabPanel::grid_key() const {
  nlohmann::json key = session_->question();
  key.update(controls_->options());
  key.erase("epsilon");
  return key.dump();
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
  show_image_chip();
  show_radii();
  soon_.stop();
  if (asked.empty()) {
    result_.reset();
    walk_.reset();
    return show_nothing(tr("No run is chosen"), tr("Choose a run with a classifier, or drop a file of weights here."));
  }
  const std::string key = asked.dump();
  if (const auto kept = kept_.find(key); kept != kept_.end()) {
    session_->worker().cancel(this, kAttack);
    result_key_ = key;
    return show_result(kept->second, kept->second->branch && !branch_.empty() ? PathCard::kBranch : kept->second->best);
  }
  if (const auto grid = grids_.find(grid_key()); grid != grids_.end() && branch_.empty() && result_) {
    if (const auto walk = grid->second.walks.find(controls_->epsilon()); walk != grid->second.walks.end()) {
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
  if (kept_.contains(asked.dump())) return changed();
  ask(asked);
}

void AttackLabPanel::ask(const nlohmann::json& asked) {
  session_->set_attack(controls_->options());
  const std::string key = asked.dump();
  set_working(true);
  if (pages_->currentIndex() == 0 && !result_) show_nothing(tr("Attacking"), tr("The model is loaded and the attack runs; the first answer takes longest."));
  session_->worker().ask(this, kAttack, "attack", asked, [this, key](const Worker::Answer& answer) { answered(key, answer); });
  if (asked.contains("transfer")) ask_second(asked);
}

void AttackLabPanel::ask_second(const nlohmann::json& asked) {
  nlohmann::json other = asked;
  for (const char* only : {"trajectory", "branch-step", "branch-objective", "branch-step-size", "branch-steps"}) other.erase(only);
  std::swap(other["run"], other["transfer"]);
  const RunEntry* run = session_->library().find(session_->run());
  const QString first = checkpoint_->currentIndex() > 0 ? checkpoint_->currentText() : run ? run_name(*run) : tr("this model");
  transfer_->set_models(first, second_->currentText());
  transfer_->show_problem({});
  session_->worker().ask(this, kSecond, "attack", other, [this](const Worker::Answer& answer) {
    if (answer->part == AnswerPart::error) transfer_->show_problem(QString::fromStdString(answer->message));
    if (answer->part == AnswerPart::final && result_) transfer_->show_second(answer.get(), result_->classes, result_->restarts.front().label);
  });
}

void AttackLabPanel::answered(const std::string& key, const Worker::Answer& answer) {
  if (answer->part == AnswerPart::progress) {
    const int done = answer->result.value("done", 0), total = answer->result.value("total", 0);
    path_card_->set_progress(tr("step %1 of %2").arg(done).arg(total));
    return;
  }
  if (!answer->ends()) return;
  set_working(false);
  if (answer->part == AnswerPart::error) return show_error(*answer);
  if (answer->part != AnswerPart::final) return;
  auto read = read_attack(answer);
  if (!read) {
    WorkerAnswer wrong = *answer;
    wrong.message = read.error().message;
    return show_error(wrong);
  }
  keep(key, *read);
  if (key != question().dump()) return;
  result_key_ = key;
  strip_->hide();
  show_result(*read, (*read)->branch && !branch_.empty() ? PathCard::kBranch : (*read)->best);
}

void AttackLabPanel::keep(const std::string& key, Result result) {
  if (kept_.insert_or_assign(key, std::move(result)).second) order_.push_back(key);
  while (order_.size() > kKept) {
    kept_.erase(order_.front());
    order_.pop_front();
  }
}

void AttackLabPanel::find_smallest() {
  nlohmann::json asked = question();
  if (asked.empty() || !controls_->problem().isEmpty()) return;
  if (!result_) return run();
  const std::string key = grid_key();
  for (const char* only : {"transfer", "branch-step", "branch-objective", "branch-step-size", "branch-steps"}) asked.erase(only);
  asked["smallest-epsilon"] = true;
  asked["up-to"] = format_number(controls_->up_to());
  std::string radii;
  for (const double radius : controls_->radii()) radii += (radii.empty() ? "" : ",") + format_number(radius);
  asked["sweep"] = radii;
  grids_[key] = {};
  views_->set_index(1);
  radius_card_->set_progress(tr("searching …"));
  show_radii();
  session_->worker().ask(this, kSearch, "attack", asked, [this, key](const Worker::Answer& answer) { searched(key, answer); });
}

void AttackLabPanel::searched(const std::string& key, const Worker::Answer& answer) {
  Grid& grid = grids_[key];
  if (answer->part == AnswerPart::progress) {
    if (key == grid_key()) radius_card_->set_progress(answer->message.empty() ? tr("searching …") : tr("searching … %1").arg(QString::fromStdString(answer->message)));
    return;
  }
  const nlohmann::json& json = answer->result;
  if (answer->part == AnswerPart::better) {
    if (json.contains("at") && result_) {
      if (auto walk = read_radius(answer, result_->restarts[static_cast<std::size_t>(result_->best)])) grid.walks.insert_or_assign(walk->epsilon, std::move(*walk));
    } else if (json.contains("broken") && json["broken"].is_boolean()) {
      grid.search.tried.push_back({json.value("epsilon", 0.0), json["broken"].get<bool>()});
    }
  }
  if (answer->part == AnswerPart::final && json.contains("images") && json["images"].is_array() && !json["images"].empty()) {
    const nlohmann::json& image = json["images"][0];
    grid.search.finished = true;
    grid.search.up_to = controls_->up_to();
    if (image.contains("smallest_epsilon") && image["smallest_epsilon"].is_number()) grid.search.smallest = image["smallest_epsilon"].get<double>();
  }
  if (answer->part == AnswerPart::error) session_->say(QString::fromStdString(answer->message));
  if (answer->ends()) radius_card_->set_progress({});
  if (key == grid_key()) show_radii();
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
  if (!result_->transfer_clean.empty()) transfer_->show_first(*result_);
  save_->setEnabled(true);
  show_step(step_);
  show_radii();
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
  pictures_->show_iterate(result_, *walk_, step_);
  bars_->set_rows(top_rows(result_->clean_probabilities, walk_->probabilities[static_cast<std::size_t>(step_)], walk_->label, kRows, [this](int index) { return result_->class_name(index); }));
  show_measured();
}

void AttackLabPanel::show_measured() {
  const Distance far = distance(*walk_, step_);
  measured_[0]->setText(QStringLiteral("%1/255").arg(fixed_text(far.linf * 255, 2)));
  measured_[1]->setText(fixed_text(far.l2, 3));
  measured_[2]->setText(percent_text(far.changed, 1));
  measured_[3]->setText(walk_->linf ? percent_text(far.at_bound, 1) : kMissing);
  const auto zero = result_->image().find("zero_gradient");
  const bool known = walk_number_ == result_->best && zero != result_->image().end() && zero->is_number();
  measured_[4]->setText(known ? percent_text(zero->get<double>(), 1) : kMissing);
}

void AttackLabPanel::show_radii() {
  static const Grid kNone;
  const auto found = grids_.find(grid_key());
  const Grid& grid = found == grids_.end() ? kNone : found->second;
  radius_card_->show_radii(grid.walks, grid.search, controls_->epsilon(), controls_->up_to(), controls_->linf());
}

void AttackLabPanel::show_image_chip() {
  const ImageChoice& image = session_->image();
  const QString name = !image.file.isEmpty() ? QFileInfo(image.file).fileName() : browser_->selected_name();
  const QString text = !image.file.isEmpty() ? name : tr("%1 %2").arg(name.isEmpty() ? tr("image") : name, QString::number(image.index).rightJustified(4, QLatin1Char('0')));
  image_chip_->setText(QLatin1Char(' ') + text + QLatin1Char(' '));
  image_chip_->setAccessibleName(tr("Image: %1, choose another").arg(text));
  image_chip_->setToolTip(tr("Choose another image ([ and ]), or drop a picture"));
  const QImage picture = browser_->selected_thumbnail();
  image_chip_->setIcon(picture.isNull() ? icon(session_->theme(), QLatin1String("image")) : QIcon(QPixmap::fromImage(picture.scaled(40, 40))));
}

void AttackLabPanel::show_nothing(const QString& line, const QString& sentence) {
  empty_->set_text(line, sentence);
  pages_->setCurrentIndex(0);
  save_->setEnabled(result_ != nullptr);
}

void AttackLabPanel::show_error(const WorkerAnswer& answer) {
  const QString sentence = QString::fromStdString(answer.message);
  // What was shown is of another model or picture if nothing of the present one came yet.
  const nlohmann::json now = session_->question();
  const nlohmann::json shown = result_ ? nlohmann::json::parse(result_key_, nullptr, false) : nlohmann::json();
  const bool same = shown.is_object() && !now.empty() && shown.value("run", std::string()) == now.value("run", std::string());
  if (!same) {
    result_.reset();
    walk_.reset();
    return show_nothing(session_->worker().state() == Worker::State::failed ? tr("Nothing answers") : tr("Nothing to attack here"), sentence);
  }
  strip_->show_message(Tone::danger, QLatin1String("error"), sentence);
  strip_->set_verb(tr("Run again"));
  strip_->show();
  set_stale(true);
}

void AttackLabPanel::set_stale(bool stale) {
  pictures_->set_stale(stale);
  bars_->set_stale(stale);
  path_card_->set_stale(stale);
}

void AttackLabPanel::set_working(bool working) {
  pictures_card_->set_busy(working);
  path_card_->set_progress({});
  run_->setText(working ? tr("Cancel") : tr("Run attack"));
}

void AttackLabPanel::open_picture() {
  const QString file = QFileDialog::getOpenFileName(this, tr("Open a picture"), {}, tr("Pictures (*.png *.jpg *.jpeg)"));
  if (!file.isEmpty()) session_->select_image({session_->image().split, 0, file});
}

QString AttackLabPanel::command() const {
  const auto kept = result_ && question().dump() == result_key_ ? result_->json().find("command") : nlohmann::json::const_iterator();
  if (result_ && question().dump() == result_key_ && kept != result_->json().end() && kept->is_string()) return QString::fromStdString(kept->get<std::string>());
  return command_of(question());
}

Expected<void> AttackLabPanel::save(const QString& file) const {
  if (!result_ || !walk_) return fail(ErrorCode::usage, "nothing has been attacked yet");
  if (file.endsWith(QLatin1String(".safetensors"))) return write_adversarial_tensors(file, *result_, *walk_, step_, command());
  if (file.endsWith(QLatin1String(".png")) && !file.endsWith(QLatin1String(".figure.png"))) return write_adversarial_png(file, *walk_, step_, command());
  try {
    const auto figure = attack_figure(result_->json(), result_->answer->arrays);
    if (!figure) return tl::unexpected(figure.error());
    return write_figure(file, *figure);
  } catch (const nlohmann::json::exception& error) {  // a worker of another version
    return fail(ErrorCode::mismatch, "the worker's answer has not what its figure needs: {}", error.what());
  }
}

void AttackLabPanel::save_as(const QString& suffix, const QString& filter) {
  if (!result_) return session_->say(tr("Nothing has been attacked yet."));
  const QString name = tr("adversarial-%1.%2").arg(session_->image().file.isEmpty() ? QString::number(session_->image().index) : QFileInfo(session_->image().file).completeBaseName(), suffix);
  const QString file = QFileDialog::getSaveFileName(this, tr("Save"), name, filter);
  if (file.isEmpty()) return;
  const auto done = save(file);
  session_->say(done ? tr("%1 is saved.").arg(QFileInfo(file).fileName()) : QString::fromStdString(done.error().message));
}

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
    case Qt::Key_Escape:
      for (const QString& topic : {kAttack, kSearch, kSecond}) session_->worker().cancel(this, topic);
      break;
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
