#include "widgets/panels/attention/attention_controls.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/form/attack_fields.h"
#include "widgets/form/checkpoint_combo.h"
#include "widgets/form/flow_layout.h"
#include "widgets/form/tab_order.h"
#include "widgets/session/session.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

constexpr int kBetweenGroups = 12;
constexpr int kWithinGroup = 8;  ///< of control_group()
constexpr int kAttackName = 8;   ///< letters of it that have room

QSlider* share_slider(const QString& name, int value) {
  auto* slider = new QSlider(Qt::Horizontal);
  slider->setRange(0, 100);
  slider->setPageStep(10);
  slider->setValue(value);
  slider->setFixedWidth(74);
  slider->setAccessibleName(name);
  return slider;
}

}  // namespace

AttentionControls::AttentionControls(Session& session, QWidget* parent)
    : QWidget(parent), session_(&session), first_{new FlowLayout(kBetweenGroups, 6)}, second_{new FlowLayout(kBetweenGroups, 6)} {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addLayout(first_.layout);
  column->addLayout(second_.layout);
  make_first_row();
  make_second_row();
  QList<QWidget*> groups(first_.groups.begin(), first_.groups.end());
  for (QWidget* group : second_.groups) groups += group;
  set_tab_order(groups);
  update_parts();
}

QWidget* AttentionControls::add(Row& row, const QString& word, Word kind, std::initializer_list<QWidget*> controls) {
  auto* group = control_group(word, controls);
  row.layout->addWidget(group);
  row.groups.push_back(group);
  if (kind == Word::may_go) row.words.push_back(group->findChild<QLabel*>(QString(), Qt::FindDirectChildrenOnly));
  return group;
}

void AttentionControls::make_first_row() {
  Theme& theme = session_->theme();
  const QStringList kinds{tr("Attention"), tr("Rollout"), tr("Gradients"), tr("Relevance"), tr("Similarity")};
  kinds_ = new SegmentedControl(theme, tr("Kind of map"), kinds);
  kinds_->setToolTip(tr("Attention of a layer and head; rollout through all layers; rollout weighted by gradients; relevance (gradient × attention); cosine of tokens"));
  kinds_narrow_ = new QComboBox;
  kinds_narrow_->addItems(kinds);
  kinds_narrow_->setAccessibleName(tr("Kind of map"));
  kinds_narrow_->setToolTip(kinds_->toolTip());
  froms_ = new SegmentedControl(theme, tr("From"), {tr("Class token"), tr("Patch"), tr("Mean")});
  froms_->set_index(2);
  froms_->setToolTip(tr("From where attention is asked: the class token, a patch (click on a picture), or the mean over all"));
  scales_ = new SegmentedControl(theme, tr("Scale"), {tr("Shared"), tr("Own")});
  scales_->setToolTip(tr("The scale of colours: one for all maps, or each map's own"));
  mass_ = share_slider(tr("Mass that the shown patches hold"), 100);
  mass_->setMinimum(5);
  mass_->setToolTip(tr("Keeps the smallest set of patches that holds this share of the map"));
  mass_value_ = new QLabel;
  mass_value_->setProperty("role", QStringLiteral("number"));
  mass_value_->setFixedWidth(40);
  overlays_ = new SegmentedControl(theme, tr("Overlay"), {tr("On image"), tr("Map"), tr("Off")});
  overlays_->setToolTip(tr("The map over the picture, alone, or not at all"));
  opacity_ = share_slider(tr("Opacity of the overlay"), 60);
  add(first_, {}, Word::stays, {kinds_, kinds_narrow_});
  add(first_, tr("From"), Word::may_go, {froms_});
  add(first_, tr("Scale"), Word::may_go, {scales_});
  add(first_, tr("Mass"), Word::stays, {mass_, mass_value_});
  add(first_, tr("Overlay"), Word::may_go, {overlays_, opacity_});
  const auto again = [this] {
    update_parts();
    Q_EMIT view_changed();
  };
  connect(kinds_, &SegmentedControl::chosen, this, [this, again](int kind) {
    kinds_narrow_->setCurrentIndex(kind);
    again();
  });
  connect(kinds_narrow_, &QComboBox::currentIndexChanged, kinds_, &SegmentedControl::set_index);
  connect(froms_, &SegmentedControl::chosen, this, [this, again](int index) {
    from_chosen_ = true;
    if (index == 0) from_ = MapQuery::kClassToken;
    else if (index == 2) from_ = MapQuery::kMean;
    else if (from_ < 0) from_ = grid_ / 2 * grid_ + grid_ / 2;
    again();
  });
  connect(scales_, &SegmentedControl::chosen, this, again);
  connect(overlays_, &SegmentedControl::chosen, this, again);
  connect(mass_, &QSlider::valueChanged, this, again);
  connect(opacity_, &QSlider::valueChanged, this, again);
}

void AttentionControls::make_second_row() {
  checkpoint_ = new CheckpointCombo(*session_, CheckpointCombo::Kind::own);
  checkpoint_->setToolTip(tr("Checkpoint of the run"));
  beside_ = new CheckpointCombo(*session_, CheckpointCombo::Kind::beside);
  beside_->setToolTip(tr("Another checkpoint or run, set beside it with the same image and attack"));
  image_ = new QSpinBox;
  image_->setAccessibleName(tr("Image of the split"));
  image_->setPrefix(tr("image "));
  image_->setRange(0, 9'999'999);
  image_->setToolTip(tr("Earlier and later image: [ and ]"));
  classes_ = new QComboBox;
  classes_->setAccessibleName(tr("Class that the map speaks of"));
  classes_->setToolTip(classes_->accessibleName());
  classes_->addItem(tr("the predicted class"), QString());
  fusion_ = new QComboBox;
  fusion_->setAccessibleName(tr("How the rollout fuses heads"));
  fusion_->setToolTip(fusion_->accessibleName());
  fusion_->addItem(tr("mean of heads"), QStringLiteral("mean"));
  fusion_->addItem(tr("largest of heads"), QStringLiteral("max"));
  fusion_->addItem(tr("smallest of heads"), QStringLiteral("min"));
  discard_ = new QDoubleSpinBox;
  discard_->setAccessibleName(tr("Share of the smallest entries that the rollout leaves out"));
  discard_->setToolTip(discard_->accessibleName());
  discard_->setPrefix(tr("discard "));
  discard_->setSuffix(tr(" %"));
  discard_->setDecimals(0);
  discard_->setRange(0, 95);
  discard_->setSingleStep(5);
  attack_ = new AttackFields(*session_, AttackFields::Attacks::answers, this);
  attack_->set_on(true);
  attack_->attack()->setToolTip(tr("What attacks the picture"));
  attack_->attack()->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  attack_->attack()->setMinimumContentsLength(kAttackName);
  add(second_, tr("Checkpoint"), Word::may_go, {checkpoint_, image_});
  add(second_, tr("Beside"), Word::may_go, {beside_});
  add(second_, tr("Attack"), Word::may_go, {attack_->attack()});
  add(second_, QStringLiteral("ε"), Word::stays, {attack_->epsilon()});
  add(second_, tr("Steps"), Word::stays, {attack_->steps()});
  add(second_, {}, Word::stays, {attack_->goal()});
  class_group_ = add(second_, tr("Class"), Word::may_go, {classes_});
  rollout_group_ = add(second_, tr("Fusion"), Word::may_go, {fusion_, discard_});
  checkpoint_->set_choice(session_->checkpoint());
  image_->setValue(static_cast<int>(session_->image().index));
  connect(checkpoint_, &CheckpointCombo::chosen, session_, &Session::select_checkpoint);
  connect(checkpoint_, &CheckpointCombo::written, this, &AttentionControls::model_changed);
  connect(session_, &Session::checkpoint_selected, checkpoint_, &CheckpointCombo::set_choice);
  connect(beside_, &CheckpointCombo::chosen, this, &AttentionControls::beside_changed);
  connect(image_, &QSpinBox::valueChanged, this, [this](int index) {
    ImageChoice image = session_->image();
    image.file.clear();
    image.index = index;
    session_->select_image(image);
  });
  connect(session_, &Session::image_selected, this, [this] {
    const QSignalBlocker blocker(image_);
    image_->setValue(static_cast<int>(session_->image().index));
  });
  connect(classes_, &QComboBox::currentIndexChanged, this, &AttentionControls::question_changed);
  connect(fusion_, &QComboBox::currentIndexChanged, this, &AttentionControls::question_changed);
  connect(discard_, &QDoubleSpinBox::valueChanged, this, &AttentionControls::question_changed);
  connect(attack_, &AttackFields::changed, this, &AttentionControls::question_changed);
}

void AttentionControls::update_parts() {
  const AttentionKind now = kind();
  const bool takes_from = now == AttentionKind::attention || now == AttentionKind::rollout || now == AttentionKind::similarity;
  const QString follows = tr("This kind is asked from where the model reads its answer");
  for (int i = 0; i < 3; ++i) froms_->set_enabled(i, takes_from, follows);
  const QString masked_only = tr("A masked autoencoder answers no class");
  kinds_->set_enabled(2, classifies_, masked_only);
  kinds_->set_enabled(3, classifies_, masked_only);
  class_group_->setVisible(now == AttentionKind::gradient_rollout || now == AttentionKind::relevance);
  rollout_group_->setVisible(now == AttentionKind::rollout);
  mass_->setEnabled(now != AttentionKind::similarity);
  opacity_->setEnabled(overlay() == OverlayMode::on_image);
  mass_value_->setText(QStringLiteral("%1 %").arg(mass_->value()));
  fit();
}

int AttentionControls::width_of(const Row& row) const {
  int wide = -kBetweenGroups;
  for (const QWidget* group : row.groups) {
    if (!group->isHidden()) wide += group->sizeHint().width() + kBetweenGroups;
  }
  for (const QWidget* word : row.words) {
    if (word->isHidden() && !word->parentWidget()->isHidden()) wide += word->sizeHint().width() + kWithinGroup;
  }
  return wide;
}

void AttentionControls::fit() {
  const int segments = kinds_->sizeHint().width() - kinds_narrow_->sizeHint().width();
  const bool combo = window()->width() < size::kNarrowWindow || width_of(first_) + (kinds_->isHidden() ? segments : 0) > width();
  kinds_->setVisible(!combo);
  kinds_narrow_->setVisible(combo);
  QToolButton& goal = *attack_->goal();
  const int goal_words = goal.toolButtonStyle() == Qt::ToolButtonIconOnly ? goal.fontMetrics().horizontalAdvance(goal.text()) + kWithinGroup : 0;
  for (const Row* row : {&first_, &second_}) {
    const bool second = row == &second_, room = width_of(*row) + (second ? goal_words : 0) <= width();
    for (QWidget* word : row->words) word->setVisible(room);
    if (second) goal.setToolButtonStyle(room ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);  // its tooltip says the rest
  }
}

void AttentionControls::set_from(int from) {
  from_chosen_ = true;
  from_ = from;
  {
    const QSignalBlocker blocker(froms_);
    froms_->set_index(from >= 0 ? 1 : from == MapQuery::kClassToken ? 0 : 2);
  }
  Q_EMIT view_changed();
}

void AttentionControls::follow(const AttentionMaps& maps) {
  grid_ = maps.grid();
  classifies_ = maps.classifies();
  if (from_ >= grid_ * grid_) from_chosen_ = false;
  if (!from_chosen_) {
    from_ = maps.class_token() ? MapQuery::kClassToken : MapQuery::kMean;
    const QSignalBlocker blocker(froms_);
    froms_->set_index(maps.class_token() ? 0 : 2);
  }
  if (classes_->count() != maps.classes().size() + 1) {
    const QSignalBlocker blocker(classes_);
    while (classes_->count() > 1) classes_->removeItem(1);
    for (int i = 0; i < maps.classes().size(); ++i) classes_->addItem(maps.classes()[i], QString::number(i));
    attack_->set_classes(maps.classes());
  }
  if (!classifies_ && (kind() == AttentionKind::gradient_rollout || kind() == AttentionKind::relevance)) {
    const QSignalBlocker blocker(kinds_);
    kinds_->set_index(0);
    kinds_narrow_->setCurrentIndex(0);
  }
  update_parts();
}

AttentionKind AttentionControls::kind() const {
  constexpr AttentionKind kinds[] = {AttentionKind::attention, AttentionKind::rollout, AttentionKind::gradient_rollout, AttentionKind::relevance, AttentionKind::similarity};
  return kinds[std::max(kinds_->index(), 0)];
}

bool AttentionControls::shared_scale() const { return scales_->index() == 0; }

double AttentionControls::mass() const { return mass_->value() / 100.0; }

OverlayMode AttentionControls::overlay() const {
  return overlays_->index() == 0 ? OverlayMode::on_image : overlays_->index() == 1 ? OverlayMode::map : OverlayMode::off;
}

double AttentionControls::opacity() const { return opacity_->value() / 100.0; }

nlohmann::json AttentionControls::options() const {
  nlohmann::json options = {{"rollout", fusion_->currentData().toString().toStdString()}, {"discard", discard_->value() / 100}};
  if (const QString chosen = classes_->currentData().toString(); !chosen.isEmpty()) options["class"] = chosen.toStdString();
  return options;
}

nlohmann::json AttentionControls::attack() const { return attack_->options(); }

QString AttentionControls::attack_words() const { return attack_->words(); }

QString AttentionControls::beside() const { return beside_->choice(); }

void AttentionControls::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
}

}  // namespace mimir
