#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <QUndoStack>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "widgets/form/attack_fields.h"
#include "widgets/form/checkpoint_combo.h"
#include "widgets/form/flow_layout.h"
#include "widgets/panels/reconstruction/live_reconstruction.h"
#include "widgets/theme/card.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/segmented_control.h"
#include "widgets/theme/status_pill.h"

namespace mimir {
namespace {

constexpr int kColumn = 280;
constexpr int kLargestSeed = 9999;

/// A label at the left, a control that ends at the right edge.
void add_row(QVBoxLayout& column, const QString& text, QWidget* control) {
  auto* row = new QHBoxLayout;
  auto* label = new QLabel(text);
  label->setProperty("role", QStringLiteral("label"));
  row->addWidget(label);
  row->addStretch(1);
  row->addWidget(control);
  column.addLayout(row);
}

QLabel* number_label() {
  auto* label = new QLabel;
  label->setProperty("role", QStringLiteral("number"));
  return label;
}

}  // namespace

QWidget* LiveReconstruction::make_header() {
  auto* header = new QWidget;
  auto* row = new FlowLayout(16, 6);
  header->setLayout(row);
  checkpoint_ = new CheckpointCombo(*session_, CheckpointCombo::Kind::own, QStringLiteral("pretrain"));
  beside_choice_ = new CheckpointCombo(*session_, CheckpointCombo::Kind::beside, QStringLiteral("pretrain"));
  image_ = new QSpinBox;
  image_->setAccessibleName(tr("Image of the split"));
  image_->setPrefix(tr("image "));
  image_->setRange(0, 9'999'999);
  image_->setValue(static_cast<int>(session_->image().index));
  image_->setToolTip(tr("Earlier and later image: [ and ]"));
  row->addWidget(control_group(tr("Checkpoint"), {checkpoint_, image_}));
  row->addWidget(control_group(tr("Beside"), {beside_choice_}));
  checkpoint_->set_choice(session_->checkpoint());
  connect(checkpoint_, &CheckpointCombo::chosen, session_, &Session::select_checkpoint);
  connect(checkpoint_, &CheckpointCombo::written, this, &LiveReconstruction::ask_soon);
  connect(session_, &Session::checkpoint_selected, checkpoint_, &CheckpointCombo::set_choice);
  connect(beside_choice_, &CheckpointCombo::chosen, this, &LiveReconstruction::ask_beside);
  connect(image_, &QSpinBox::valueChanged, this, [this](int index) {
    ImageChoice image = session_->image();
    image.file.clear();
    image.index = index;
    session_->select_image(image);
  });
  return header;
}

QWidget* LiveReconstruction::make_column() {
  auto* column = new QWidget;
  column->setProperty("ground", QStringLiteral("none"));
  auto* cards = new QVBoxLayout(column);
  cards->setContentsMargins(0, 0, 0, 0);
  cards->setSpacing(size::kGap);
  cards->addWidget(make_mask_card());
  cards->addWidget(make_input_card());
  cards->addWidget(make_view_card());
  auto* errors = new Card(session_->theme(), tr("Error, this image"));
  error_masked_ = number_label();
  error_visible_ = number_label();
  gain_ = number_label();
  add_row(*errors->body(), tr("masked patches"), error_masked_);
  add_row(*errors->body(), tr("visible patches"), error_visible_);
  add_row(*errors->body(), tr("attack gain"), gain_);
  gain_->setToolTip(tr("Loss on the attacked image minus loss on the clean one"));
  cards->addWidget(errors);
  cards->addStretch(1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setFixedWidth(kColumn);
  scroll->setWidget(column);
  return scroll;
}

QWidget* LiveReconstruction::make_mask_card() {
  Theme& theme = session_->theme();
  auto* card = new Card(theme, tr("Mask"));
  edited_ = new StatusPill(theme);
  edited_->show_look({Tone::warning, QLatin1String("brush"), tr("edited")});
  card->header()->addWidget(edited_);
  tools_ = new SegmentedControl(theme, tr("Tool"), {tr("Brush"), tr("Erase"), tr("Box"), tr("Lasso")});
  tools_->setToolTip(tr("Keys: B brush, E eraser, R rectangle, L lasso"));
  card->body()->addWidget(tools_);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(4);
  const auto add_button = [&](const char* name, const QString& words) {
    auto* button = new QToolButton;
    button->setIcon(icon(theme, QLatin1String(name)));
    button->setToolTip(words);
    button->setAccessibleName(words);
    buttons->addWidget(button);
    return button;
  };
  connect(add_button("invert", tr("Swap masked and visible (I)")), &QToolButton::clicked, this, &LiveReconstruction::swap_patches);
  connect(add_button("dice", tr("Draw a new mask (N)")), &QToolButton::clicked, this, &LiveReconstruction::draw_new);
  QToolButton* undo = add_button("undo", tr("Undo"));
  undo->setEnabled(session_->undo().canUndo());
  connect(undo, &QToolButton::clicked, &session_->undo(), &QUndoStack::undo);
  connect(&session_->undo(), &QUndoStack::canUndoChanged, undo, &QToolButton::setEnabled);
  buttons->addStretch(1);
  share_ = new QLabel;
  share_->setProperty("role", QStringLiteral("figure"));
  buttons->addWidget(share_);
  card->body()->addLayout(buttons);
  ratio_ = new QSlider(Qt::Horizontal);
  ratio_->setRange(0, 100);
  ratio_->setPageStep(5);
  ratio_->setAccessibleName(tr("Share of masked patches, percent"));
  card->body()->addWidget(ratio_);
  kind_ = new QComboBox;
  kind_->setAccessibleName(tr("How the mask is drawn"));
  kind_->addItem(tr("Random"), QStringLiteral("random"));
  kind_->addItem(tr("Block"), QStringLiteral("block"));
  kind_->addItem(tr("Grid"), QStringLiteral("grid"));
  add_row(*card->body(), tr("Strategy"), kind_);
  seed_ = new QSpinBox;
  seed_->setAccessibleName(tr("Seed of the mask"));
  seed_->setRange(0, kLargestSeed);
  add_row(*card->body(), tr("Seed"), seed_);

  connect(tools_, &SegmentedControl::chosen, this, [this](int tool) {
    constexpr PatchTool tools[] = {PatchTool::brush, PatchTool::eraser, PatchTool::rectangle, PatchTool::lasso};
    set_tool(tools[tool]);
  });
  connect(ratio_, &QSlider::sliderPressed, this, [this] { ++gesture_; });
  connect(ratio_, &QSlider::valueChanged, this, [this](int percent) {
    if (!ratio_->isSliderDown()) ++gesture_;
    MaskChoice mask = mask_;
    mask.ratio = percent / 100.0;
    if (mask.edited) mask.edited = with_ratio(*mask.edited, mask.ratio, mask.seed);
    change_mask(std::move(mask), gesture_);
  });
  const auto drawn = [this] {
    change_mask({kind_->currentData().toString(), mask_.ratio, seed_->value(), std::nullopt}, ++gesture_);
  };
  connect(kind_, &QComboBox::currentIndexChanged, this, drawn);
  connect(seed_, &QSpinBox::valueChanged, this, drawn);
  return card;
}

void LiveReconstruction::show_mask_controls() {
  const QSignalBlocker no_ratio(ratio_), no_kind(kind_), no_seed(seed_);
  const auto masked = std::count(removed_.begin(), removed_.end(), true);
  const double share = removed_.empty() ? mask_.ratio : static_cast<double>(masked) / static_cast<double>(removed_.size());
  ratio_->setValue(static_cast<int>(std::lround(100 * share)));
  share_->setText(tr("%1 %").arg(std::lround(100 * share)));
  kind_->setCurrentIndex(std::max(kind_->findData(mask_.kind), 0));
  seed_->setValue(mask_.seed);
  edited_->setVisible(mask_.edited.has_value());
}

QWidget* LiveReconstruction::make_input_card() {
  auto* card = new Card(session_->theme(), tr("Encoder input"));
  attack_ = new AttackFields(*session_, AttackFields::Attacks::reconstructions, this);
  add_row(*card->body(), tr("Attack"), attack_->attack());
  add_row(*card->body(), QStringLiteral("ε"), attack_->epsilon());
  add_row(*card->body(), tr("Steps"), attack_->steps());
  connect(attack_, &AttackFields::changed, this, &LiveReconstruction::ask_soon);
  return card;
}

QWidget* LiveReconstruction::make_view_card() {
  auto* card = new Card(session_->theme(), tr("View"));
  paste_ = new QCheckBox(tr("Paste visible patches"));
  paste_->setChecked(true);
  paste_->setToolTip(tr("The loss is on masked patches only, so the decoder never learns to copy visible ones"));
  lines_ = new QCheckBox(tr("Patch grid"));
  lines_->setChecked(true);
  scale_ = new SegmentedControl(session_->theme(), tr("Scale of the error"), {tr("Shared"), tr("Own")});
  card->body()->addWidget(paste_);
  card->body()->addWidget(lines_);
  add_row(*card->body(), tr("Error scale"), scale_);
  connect(paste_, &QCheckBox::toggled, this, &LiveReconstruction::repaint_views);
  connect(lines_, &QCheckBox::toggled, this, &LiveReconstruction::repaint_views);
  connect(scale_, &SegmentedControl::chosen, this, &LiveReconstruction::repaint_views);
  return card;
}

}  // namespace mimir
