#include "widgets/panels/reconstruction/reconstruction_panel.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QStackedLayout>
#include <algorithm>

#include "widgets/panels/reconstruction/live_reconstruction.h"
#include "widgets/panels/reconstruction/stored_reconstruction.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

const bool registered =
    add_panel({"reconstruction", QT_TRANSLATE_NOOP("Panel", "Reconstruction"), "recon", 3, [](Session& session) -> QWidget* { return new ReconstructionPanel(session); },
               QT_TRANSLATE_NOOP("Panel", "Click or drag over a picture to choose which patches the encoder sees; I swaps masked and visible, N draws another mask.")});

enum Mode { kLive, kStored };

}  // namespace

ReconstructionPanel::ReconstructionPanel(Session& session) : session_(&session), save_(new QAction(tr("Save picture"), this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(size::kGap);
  modes_ = new SegmentedControl(session.theme(), tr("What is shown"), {tr("Live"), tr("Through training")});
  modes_->setToolTip(tr("A chosen image through a checkpoint, or the stored probe pictures of the run"));
  live_ = new LiveReconstruction(session);
  stored_ = new StoredReconstruction(session);
  auto* top = new QHBoxLayout;
  top->setSpacing(16);
  top->addWidget(modes_, 0, Qt::AlignTop);
  top->addWidget(live_->header(), 1);
  column->addLayout(top);
  body_ = new QStackedLayout;
  column->addLayout(body_, 1);
  body_->addWidget(live_);
  body_->addWidget(stored_);
  save_->setIcon(icon(session.theme(), QLatin1String("export")));
  save_->setToolTip(tr("Saves a figure of the live answer, with scale, mask and attack"));
  save_->setEnabled(false);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Reconstruction"));

  connect(save_, &QAction::triggered, live_, &LiveReconstruction::save_picture);
  connect(live_, &LiveReconstruction::answer_changed, this, [this] { show_mode(body_->currentIndex()); });
  connect(stored_, &StoredReconstruction::pictures_changed, this, &ReconstructionPanel::choose_mode);
  connect(modes_, &SegmentedControl::chosen, this, [this](int mode) {
    mode_chosen_ = true;
    show_mode(mode);
  });
  choose_mode();
}

void ReconstructionPanel::show_mode(int mode) {
  body_->setCurrentIndex(mode);
  live_->header()->setVisible(mode == kLive);
  save_->setEnabled(mode == kLive && live_->answer());
}

void ReconstructionPanel::choose_mode() {
  if (mode_chosen_ || !stored_->has_pictures()) return;
  // Where there is nothing to compute with, the stored pictures are what can be seen.
  const auto record = session_->library().record(session_->run());
  const bool model = record && std::any_of(record->checkpoints.begin(), record->checkpoints.end(), [](const CheckpointRow& row) { return row.stage == "pretrain"; });
  modes_->set_index(model ? kLive : kStored);
  mode_chosen_ = false;
}

bool ReconstructionPanel::settled() const { return body_->currentIndex() != kLive || live_->settled(); }

void ReconstructionPanel::keyPressEvent(QKeyEvent* event) {
  if (body_->currentIndex() != kStored || !stored_->take_key(*event)) QWidget::keyPressEvent(event);
}

}  // namespace mimir
