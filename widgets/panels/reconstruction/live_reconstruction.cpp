#include "widgets/panels/reconstruction/live_reconstruction.h"

#include <QCheckBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRandomGenerator>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "core/figure/inspection_figures.h"
#include "widgets/form/answer_strip.h"
#include "widgets/form/attack_fields.h"
#include "widgets/form/checkpoint_combo.h"
#include "widgets/form/picture_drop.h"
#include "widgets/format.h"
#include "widgets/image/image_browser.h"
#include "widgets/image/save_figure.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/card.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/segmented_control.h"
#include "widgets/theme/status_pill.h"

namespace mimir {
namespace {

constexpr int kLargestSeed = 9999;

}  // namespace

LiveReconstruction::LiveReconstruction(Session& session, QWidget* parent) : QWidget(parent), session_(&session) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Reconstruction of the chosen image"));
  accept_pictures(*this, session);
  header_ = make_header();
  pages_ = new QStackedLayout(this);
  empty_ = new EmptyState(session.theme(), QLatin1String("recon"), {}, {});
  try_again_ = empty_->add_button(tr("Try again"), EmptyState::Kind::primary);
  connect(try_again_, &QPushButton::clicked, this, &LiveReconstruction::ask);
  own_checkpoint_ = empty_->add_button(tr("Take the run's pre-training checkpoint"), EmptyState::Kind::plain);
  connect(own_checkpoint_, &QPushButton::clicked, this, [this] { session_->select_checkpoint({}); });
  open_history_ = empty_->add_button(tr("Open History"), EmptyState::Kind::plain);
  connect(open_history_, &QPushButton::clicked, this, [this] { session_->open_place(QStringLiteral("history")); });
  pages_->addWidget(empty_);

  auto* content = new QWidget;
  auto* row = new QHBoxLayout(content);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(size::kGap);
  row->addWidget(make_column());
  auto* right = new QVBoxLayout;
  right->setSpacing(size::kGap);
  strip_ = new AnswerStrip(session.theme(), tr("Try again"));
  connect(strip_, &MessageStrip::acted, this, &LiveReconstruction::ask);
  pictures_ = new Card(session.theme(), tr("Reconstruction"));
  pictures_->set_padding(14);
  statistics_ = new StatusPill(session.theme());
  statistics_->show_look({Tone::warning, QLatin1String("info"), tr("uses ground-truth patch statistics")});
  statistics_->setToolTip(tr("The model predicts normalised patches. Mean and variance of each true patch were used to show them."));
  pictures_->header()->addWidget(statistics_);
  first_ = new ReconstructionRow(session.theme());
  second_ = new ReconstructionRow(session.theme());
  second_->hide();
  pictures_->body()->addWidget(first_, 1);
  pictures_->body()->addWidget(second_, 1);
  pictures_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);  // what the pictures cannot use is the browser's
  right->addWidget(strip_);
  right->addWidget(pictures_);
  images_ = new Card(session.theme(), tr("Images"));
  browser_ = new ImageBrowser(session);
  images_->header()->addWidget(browser_->filters());
  images_->body()->addWidget(browser_, 1);
  connect(browser_, &ImageBrowser::summary_changed, images_, &Card::set_caption);
  right->addWidget(images_, 1);
  right->addStretch(0);  // takes the rest where the browser is hidden
  row->addLayout(right, 1);
  pages_->addWidget(content);
  for (ReconstructionRow* each : {first_, second_}) {
    connect(each, &ReconstructionRow::patches_painted, this, &LiveReconstruction::paint_patches);
    connect(each, &ReconstructionRow::pixel_hovered, each == first_ ? second_ : first_, &ReconstructionRow::set_pixel);
  }

  settle_.setSingleShot(true);
  settle_.setInterval(kSettleMs);
  connect(&settle_, &QTimer::timeout, this, &LiveReconstruction::ask);
  connect(&session, &Session::run_selected, this, [this] {
    mask_ = {};
    mask_chosen_ = false;
    ask_soon();
  });
  connect(&session, &Session::checkpoint_selected, this, &LiveReconstruction::ask_soon);
  connect(&session, &Session::image_selected, this, [this] {
    const QSignalBlocker blocker(image_);
    image_->setValue(static_cast<int>(session_->image().index));
    ask_soon();
  });
  show_mask_controls();
  update_pages();
}

void LiveReconstruction::ask_soon() {
  dirty_ = true;
  update_pages();
  if (isVisible()) settle_.start();
}

nlohmann::json LiveReconstruction::question(const QString& run) const {
  nlohmann::json question = session_->question();
  if (question.empty()) return question;
  if (!run.isEmpty()) question["run"] = run.toStdString();
  question.update(attack_->options());
  return question;
}

void LiveReconstruction::ask() {
  settle_.stop();
  dirty_ = false;
  nlohmann::json options = question({});
  if (options.empty()) {
    session_->worker().cancel(this, QStringLiteral("reconstruct"));
    answer_.reset();
    removed_.clear();
    problem_.clear();
    return update_pages();
  }
  NamedArrays arrays;
  if (mask_.edited) {
    std::vector<std::uint8_t> bytes(mask_.edited->begin(), mask_.edited->end());
    arrays["mask"] = Array::of<std::uint8_t>(Dtype::u8, {static_cast<std::int64_t>(bytes.size())}, bytes);
  } else if (mask_chosen_) {
    options["mask-kind"] = mask_.kind.toStdString();
    options["mask-ratio"] = mask_.ratio;
    options["mask-seed"] = mask_.seed;
  }
  pending_ = true;
  pictures_->set_busy(true);
  session_->worker().ask(this, QStringLiteral("reconstruct"), "reconstruct", std::move(options), [this](const Worker::Answer& answer) {
    if (answer->ends()) answered(answer);
  }, std::move(arrays));
  repaint_views();
}

void LiveReconstruction::answered(const Worker::Answer& answer) {
  pending_ = false;
  pictures_->set_busy(false);
  if (answer->part == AnswerPart::cancelled) return repaint_views();
  problem_ = answer->part == AnswerPart::error ? sentence_text(answer->message) : QString();
  if (answer->part == AnswerPart::final) {
    auto read = ReconstructionAnswer::read(answer);
    if (read) {
      answer_ = std::make_shared<const ReconstructionAnswer>(std::move(*read));
      removed_ = answer_->removed();
      // Edits of a grid of another size mean nothing here: the worker would have refused them.
      if (!mask_chosen_) {
        const auto mask = answer->result.find("mask");
        if (mask != answer->result.end() && mask->is_object()) {
          if (mask->contains("kind") && (*mask)["kind"].is_string()) mask_.kind = QString::fromStdString((*mask)["kind"].get<std::string>());
          if (mask->contains("ratio") && (*mask)["ratio"].is_number()) mask_.ratio = (*mask)["ratio"].get<double>();
          if (mask->contains("seed") && (*mask)["seed"].is_number_integer()) mask_.seed = (*mask)["seed"].get<int>();
        }
      }
    } else {
      problem_ = sentence_text(read.error().message);
    }
  }
  update_pages();
  show_mask_controls();
  repaint_views();
  Q_EMIT answer_changed();
  if (problem_.isEmpty()) ask_beside();
}

void LiveReconstruction::ask_beside() {
  const QString other = beside_choice_->choice();
  if (other.isEmpty() || !answer_) {
    session_->worker().cancel(this, QStringLiteral("beside"));
    beside_.reset();
    beside_problem_.clear();
    beside_pending_ = false;
    return repaint_views();
  }
  NamedArrays arrays;
  std::vector<std::uint8_t> bytes(removed_.begin(), removed_.end());
  arrays["mask"] = Array::of<std::uint8_t>(Dtype::u8, {static_cast<std::int64_t>(bytes.size())}, bytes);
  beside_pending_ = true;
  session_->worker().ask(this, QStringLiteral("beside"), "reconstruct", question(other), [this](const Worker::Answer& answer) {
    if (!answer->ends()) return;
    beside_pending_ = false;
    if (answer->part == AnswerPart::cancelled) return repaint_views();
    beside_problem_ = answer->part == AnswerPart::error ? sentence_text(answer->message) : QString();
    if (answer->part == AnswerPart::final) {
      auto read = ReconstructionAnswer::read(answer);
      if (read) beside_ = std::make_shared<const ReconstructionAnswer>(std::move(*read));
      else beside_problem_ = sentence_text(read.error().message);
    }
    if (!beside_problem_.isEmpty()) beside_.reset();
    repaint_views();
  }, std::move(arrays));
  repaint_views();
}

void LiveReconstruction::update_pages() {
  const bool no_run = session_->question().empty();
  if (no_run) empty_->set_text(tr("No run is chosen"), tr("Choose a run with a pre-training stage."));
  else if (!problem_.isEmpty()) empty_->set_text(tr("Nothing to reconstruct with"), problem_);
  else empty_->set_text(tr("Asking the model"), tr("The reconstruction comes in a moment."));
  try_again_->setVisible(!no_run && !problem_.isEmpty());
  open_history_->setVisible(no_run || !problem_.isEmpty());
  own_checkpoint_->setVisible(!problem_.isEmpty() && !no_run && !session_->checkpoint().isEmpty());
  pages_->setCurrentIndex(no_run || !answer_ ? 0 : 1);
  if (answer_) strip_->show_answer(problem_, answer_->answer().result);
}

void LiveReconstruction::repaint_views() {
  if (!answer_) return;
  ReconstructionView view;
  view.answer = answer_;
  view.removed = removed_;
  view.paste = paste_->isChecked();
  view.patch_lines = lines_->isChecked();
  view.shared_scale = scale_->index() == 0;
  view.stale = pending_ || settle_.isActive() || !problem_.isEmpty();
  view.attack = answer_->attacked() ? attack_->words() : QString();
  const bool two = !beside_choice_->choice().isEmpty();
  const auto model = [this](const ReconstructionAnswer& answer) {
    const RunEntry* run = session_->library().find(answer.run());
    return run ? run_name(*run) + QStringLiteral(" · ") + answer.checkpoint_words() : answer.checkpoint_words();
  };
  view.name = two ? model(*answer_) : QString();
  first_->show_view(view);
  second_->setVisible(two);
  images_->setVisible(!two);
  if (two) {
    view.answer = beside_;
    view.stale = view.stale || beside_pending_;
    view.name = beside_ ? model(*beside_) : beside_choice_->currentText();
    view.missing = beside_problem_.isEmpty() ? tr("The other model is being asked.") : beside_problem_;
    if (beside_ && beside_->removed().size() != removed_.size()) view.answer.reset();
    second_->show_view(view);
  }
  statistics_->setVisible(answer_->uses_true_statistics() || (beside_ && beside_->uses_true_statistics()));
  pictures_->set_caption(paste_->isChecked() ? tr("visible patches are pasted over the output") : tr("as the model predicts it, visible patches too"));
  const auto number = [this](const char* key) { return answer_->number(key) ? number_text(*answer_->number(key), 3) : kMissing; };
  error_masked_->setText(number("error_masked"));
  error_visible_->setText(number("error_visible"));
  gain_->setText(number("attack_gain"));
}

bool LiveReconstruction::settled() const {
  const Worker& worker = session_->worker();
  return !settle_.isActive() && (!images_->isVisible() || browser_->settled()) && !worker.asks(this, QStringLiteral("reconstruct")) && !worker.asks(this, QStringLiteral("beside"));
}

void LiveReconstruction::save_picture() {
  if (answer_) save_figure(this, *session_, reconstruction_figure(answer_->answer().result, answer_->answer().arrays), QStringLiteral("reconstruction"));
}

void LiveReconstruction::change_mask(MaskChoice mask, int gesture) {
  if (mask == mask_) return;
  session_->undo().push(new MaskEdit(this, mask_, std::move(mask), gesture, [this](const MaskChoice& choice) { apply_mask(choice); }));
}

void LiveReconstruction::apply_mask(const MaskChoice& mask) {
  mask_ = mask;
  mask_chosen_ = true;
  if (mask_.edited) removed_ = *mask_.edited;
  show_mask_controls();
  ask_soon();
  repaint_views();
}

void LiveReconstruction::paint_patches(const std::vector<int>& patches, bool removed, bool begins) {
  if (removed_.empty()) return;
  if (begins) ++gesture_;
  MaskChoice mask = mask_;
  mask.edited = removed_;
  for (const int patch : patches) {
    if (patch >= 0 && static_cast<std::size_t>(patch) < removed_.size()) (*mask.edited)[static_cast<std::size_t>(patch)] = removed;
  }
  change_mask(std::move(mask), gesture_);
}

void LiveReconstruction::set_tool(PatchTool tool) {
  first_->set_tool(tool);
  second_->set_tool(tool);
}

void LiveReconstruction::swap_patches() {
  if (removed_.empty()) return;
  MaskChoice mask = mask_;
  mask.edited = removed_;
  mask.edited->flip();
  change_mask(std::move(mask), ++gesture_);
}

void LiveReconstruction::draw_new() {
  change_mask({mask_.kind, mask_.ratio, QRandomGenerator::global()->bounded(kLargestSeed + 1), std::nullopt}, ++gesture_);
}

void LiveReconstruction::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_B: tools_->set_index(0); break;
    case Qt::Key_E: tools_->set_index(1); break;
    case Qt::Key_R: tools_->set_index(2); break;
    case Qt::Key_L: tools_->set_index(3); break;
    case Qt::Key_I: swap_patches(); break;
    case Qt::Key_N: draw_new(); break;
    case Qt::Key_BracketLeft: image_->setValue(image_->value() - 1); break;
    case Qt::Key_BracketRight: image_->setValue(image_->value() + 1); break;
    default: QWidget::keyPressEvent(event);
  }
}

void LiveReconstruction::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (dirty_) settle_.start();
}

}  // namespace mimir
