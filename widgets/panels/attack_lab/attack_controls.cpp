#include "widgets/panels/attack_lab/attack_controls.h"

#include <QComboBox>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/form/tab_order.h"
#include "widgets/panels/attack_lab/attack_parameters.h"
#include "widgets/panels/attack_lab/attack_radius.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

constexpr int kControl = 140;
constexpr const char* kSteps = "20";  ///< where neither run nor user says otherwise

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

AttackControls::AttackControls(Session& session, QWidget* parent) : QWidget(parent), session_(&session) {
  make();
  reset();
  follow_session();
  connect(&session, &Session::attack_changed, this, &AttackControls::follow_session);
}

void AttackControls::make() {
  Theme& theme = session_->theme();
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  attack_ = new QComboBox;
  attack_->setAccessibleName(tr("Attack"));
  attack_->addItem(QStringLiteral("PGD"), QStringLiteral("pgd"));
  source_ = new QLabel;
  source_->setProperty("role", QStringLiteral("caption"));
  source_->setWordWrap(true);
  column->addWidget(attack_);
  column->addWidget(source_);
  norm_ = new SegmentedControl(theme, tr("Norm"), {QStringLiteral("L∞"), QStringLiteral("L2")});
  column->addWidget(row(tr("Norm"), norm_));

  radius_ = new AttackRadius(theme);
  column->addWidget(radius_);
  column->addSpacing(4);
  parameters_ = new AttackParameters(theme);
  column->addWidget(parameters_);
  objective_ = new QComboBox;
  objective_->setAccessibleName(tr("Objective"));
  objective_->addItem(tr("Cross-entropy"), QStringLiteral("ce"));
  objective_->addItem(tr("Margin"), QStringLiteral("margin"));
  objective_->addItem(tr("CW hinge"), QStringLiteral("cw_hinge"));
  objective_->addItem(tr("DLR"), QStringLiteral("dlr"));
  objective_->setToolTip(tr("What the attack raises; with a target, cross-entropy and DLR become their targeted forms"));
  target_ = new QComboBox;
  target_->setAccessibleName(tr("Target class"));
  target_->addItem(tr("None"), QString());
  target_->addItem(tr("Least likely"), QStringLiteral("least-likely"));
  seed_ = new QSpinBox;
  seed_->setRange(0, 999'999'999);
  seed_->setAccessibleName(tr("Seed"));
  seed_->setFont(theme.font(font::kNumber));
  column->addWidget(row(tr("Objective"), objective_));
  column->addWidget(row(tr("Target"), target_));
  column->addWidget(row(tr("Seed"), seed_));

  connect(attack_, &QComboBox::currentIndexChanged, this, &AttackControls::choose_attack);
  connect(norm_, &SegmentedControl::chosen, this, [this] {
    radius_->set_linf(linf());
    edited();
  });
  connect(radius_, &AttackRadius::changed, this, &AttackControls::edited);
  connect(parameters_, &AttackParameters::edited, this, &AttackControls::edited);
  for (QComboBox* combo : {objective_, target_}) connect(combo, &QComboBox::currentIndexChanged, this, &AttackControls::edited);
  connect(seed_, &QSpinBox::valueChanged, this, &AttackControls::edited);
}

QWidget* AttackControls::row(const QString& name, QWidget* control) {
  auto* made = new QWidget;
  auto* line = new QHBoxLayout(made);
  line->setContentsMargins(0, 0, 0, 0);
  auto* word = new QLabel(name);
  word->setProperty("role", QStringLiteral("label"));
  line->addWidget(word);
  line->addStretch(1);
  if (!qobject_cast<SegmentedControl*>(control)) control->setFixedSize(kControl, size::kField);
  line->addWidget(control);
  return made;
}

Expected<void> AttackControls::describe(const nlohmann::json& description) {
  const auto registries = description.find("registries");
  if (registries == description.end() || !registries->is_object() || !registries->contains("attacks") || !registries->at("attacks").is_array()) {
    return fail(ErrorCode::mismatch, "the description that mimir gives of itself names no attacks: is it of another version than the window?");
  }
  for (const auto& entry : registries->at("attacks")) {
    if (auto fields = parse_fields(entry.value("parameters", nlohmann::json::array())); !fields) return pass_on(fields);
  }
  attacks_ = registries->at("attacks");
  {
    const QSignalBlocker blocker(attack_);
    const QString before = attack_->currentData().toString();
    attack_->clear();
    for (const auto& entry : attacks_) {
      attack_->addItem(QString::fromStdString(text_of(entry, "label")), QString::fromStdString(text_of(entry, "id")));
      attack_->setItemData(attack_->count() - 1, QString::fromStdString(text_of(entry, "help")), Qt::ToolTipRole);
    }
    attack_->setCurrentIndex(std::max(attack_->findData(before), 0));
  }
  choose_attack();
  return {};
}

const nlohmann::json* AttackControls::entry(const std::string& id) const {
  const auto found = std::find_if(attacks_.begin(), attacks_.end(), [&id](const auto& each) { return text_of(each, "id") == id; });
  return found == attacks_.end() ? nullptr : &*found;
}

void AttackControls::choose_attack() {
  if (const nlohmann::json* chosen = entry(attack_->currentData().toString().toStdString())) {
    source_->setText(QString::fromStdString(text_of(*chosen, "source")));
    attack_->setToolTip(QString::fromStdString(text_of(*chosen, "help")));
    const auto norms = chosen->value("norms", nlohmann::json::array({"linf"}));
    const auto knows = [&](const char* name) { return std::find(norms.begin(), norms.end(), name) != norms.end(); };
    norm_->set_enabled(0, knows("linf"), tr("%1 has no L∞ form").arg(attack_->currentText()));
    norm_->set_enabled(1, knows("l2"), tr("%1 has no L2 form").arg(attack_->currentText()));
    if (!knows(linf() ? "linf" : "l2")) norm_->set_index(linf() ? 1 : 0);
  }
  show_parameters();
  edited();
}

void AttackControls::show_parameters() {
  const nlohmann::json* chosen = entry(attack_->currentData().toString().toStdString());
  parameters_->show_fields(chosen ? *parse_fields(chosen->value("parameters", nlohmann::json::array())) : std::vector<FieldSchema>());
  set_tab_order({attack_, norm_, radius_, parameters_, objective_, target_, seed_});  // the fields are new
}

void AttackControls::edited() {
  if (!filling_) Q_EMIT changed();
}

QString AttackControls::problem() const {
  const QString of_radius = radius_->problem();
  return of_radius.isEmpty() ? parameters_->problem() : of_radius;
}

double AttackControls::epsilon() const { return radius_->value(); }

bool AttackControls::linf() const { return norm_->index() == 0; }

void AttackControls::set_epsilon(double epsilon) { radius_->set_value(epsilon); }

std::vector<double> AttackControls::radii() const { return radius_->levels(); }

void AttackControls::set_classes(const QStringList& classes) {
  if (target_->count() == classes.size() + 2 && (classes.isEmpty() || target_->itemText(2) == classes.front())) return;
  const QSignalBlocker blocker(target_);
  const QString before = target_->currentData().toString();
  while (target_->count() > 2) target_->removeItem(2);
  for (const QString& name : classes) target_->addItem(name, name);
  target_->setCurrentIndex(std::max(target_->findData(before), 0));
}

void AttackControls::reset() {
  filling_ = true;
  const RunEntry* run = session_->library().find(session_->run());
  const auto recipe = [&](const char* key) {
    const auto found = run ? run->recipe.find(std::string("finetune.") + key) : std::map<std::string, std::string>::const_iterator();
    return run && found != run->recipe.end() ? QString::fromStdString(found->second).remove(QLatin1Char('"')) : QString();
  };
  const auto first_of = [](const QString& text, const char* other) { return text.isEmpty() ? QLatin1String(other) : text; };
  // Other methods take one step: of theirs, only the radius is meant for PGD.
  const bool pgd = recipe("method") == QLatin1String("pgd");
  parameters_->forget_typed();
  parameters_->set_typed("num_steps", first_of(pgd ? recipe("attack.num_steps") : QString(), kSteps).toStdString());
  if (const QString size = recipe("attack.step_size"); pgd && !size.isEmpty()) parameters_->set_typed("step_size", size.toStdString());
  norm_->set_index(0);
  attack_->setCurrentIndex(std::max(attack_->findData(QStringLiteral("pgd")), 0));
  show_parameters();
  radius_->set_text(QStringLiteral("8/255"));
  radius_->set_text(first_of(recipe("attack.epsilon"), "8/255"));
  objective_->setCurrentIndex(0);
  target_->setCurrentIndex(0);
  seed_->setValue(0);
  filling_ = false;
  edited();
}

void AttackControls::follow_session() {
  const nlohmann::json& shared = session_->attack();
  if (shared.empty() || shared == options()) return;
  filling_ = true;
  if (const int index = attack_->findData(QString::fromStdString(text_of(shared, "attack"))); index >= 0) attack_->setCurrentIndex(index);
  for (const auto& each : shared.value("set", nlohmann::json::array())) {
    const std::string word = each.is_string() ? each.get<std::string>() : std::string();
    if (const auto equals = word.find('='); equals != std::string::npos) parameters_->set_typed(word.substr(0, equals), word.substr(equals + 1));
  }
  show_parameters();
  if (text_of(shared, "norm") == "l2") norm_->set_index(1);
  radius_->set_text(QString::fromStdString(text_of(shared, "epsilon")));
  objective_->setCurrentIndex(std::max(objective_->findData(QString::fromStdString(text_of(shared, "objective"))), 0));
  const QString target = QString::fromStdString(text_of(shared, "target"));
  if (target_->findData(target) < 0) target_->addItem(target, target);
  target_->setCurrentIndex(target_->findData(target));
  filling_ = false;
  edited();
}

nlohmann::json AttackControls::options() const {
  nlohmann::json options = {{"attack", attack_->currentData().toString().toStdString()},
                            {"norm", linf() ? "linf" : "l2"},
                            {"epsilon", radius_->text().toStdString()},
                            {"set", parameters_->options()},
                            {"objective", objective_->currentData().toString().toStdString()},
                            {"seed", seed_->value()}};
  if (const QString target = target_->currentData().toString(); !target.isEmpty()) options["target"] = target.toStdString();
  return options;
}

}  // namespace mimir
