#include "widgets/form/attack_fields.h"

#include <QComboBox>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStyle>
#include <QToolButton>

#include "widgets/form/number_text.h"
#include "widgets/form/popup_form.h"
#include "widgets/session/session.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kSteps = 10;
constexpr int kMostSteps = 1000;

std::string text_of(const nlohmann::json& options, const char* key) {
  const auto found = options.find(key);
  return found != options.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

AttackFields::AttackFields(Session& session, Attacks attacks, QWidget* parent)
    : QObject(parent), session_(&session), program_({}, this), attack_(new QComboBox(parent)), epsilon_(new QLineEdit(parent)), steps_(new QSpinBox(parent)) {
  attack_->setAccessibleName(tr("Attack"));
  attack_->addItem(tr("None"), QString());
  attack_->addItem(QStringLiteral("PGD"), QStringLiteral("pgd"));
  epsilon_->setAccessibleName(tr("Epsilon of the attack"));
  epsilon_->setProperty("mono", true);
  epsilon_->setMaximumWidth(90);
  epsilon_->setToolTip(tr("Radius of the attack, for pixels in 0 to 1: 8/255 or 0.03"));
  steps_->setAccessibleName(tr("Steps of the attack"));
  steps_->setRange(1, kMostSteps);
  steps_->setValue(kSteps);
  if (attacks == Attacks::answers) make_goal(parent);
  follow_session();
  connect(&session, &Session::attack_changed, this, [this] {
    follow_session();
    if (attack_->currentIndex() > 0) Q_EMIT changed();
  });
  connect(attack_, &QComboBox::currentIndexChanged, this, &AttackFields::edited);
  connect(epsilon_, &QLineEdit::editingFinished, this, &AttackFields::edited);
  connect(steps_, &QSpinBox::valueChanged, this, &AttackFields::edited);
  program_.describe(this, [this](const Expected<nlohmann::json>& description) {
    if (description) fill(*description);
  });
}

void AttackFields::make_goal(QWidget* parent) {
  goal_ = new QToolButton(parent);
  goal_->setIcon(icon(session_->theme(), QLatin1String("attack")));
  goal_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  goal_form_ = new PopupForm(tr("Objective and target"), goal_);
  objective_ = new QComboBox;
  objective_->setAccessibleName(tr("Objective of the attack"));
  for (const auto& [id, name] : {std::pair("ce", tr("Cross-entropy")), std::pair("margin", tr("Margin")), std::pair("cw_hinge", tr("CW hinge")), std::pair("dlr", tr("DLR"))}) objective_->addItem(name, QLatin1String(id));
  target_ = new QComboBox;
  target_->setAccessibleName(tr("Target class of the attack"));
  target_->addItem(tr("None"), QString());
  target_->addItem(tr("Least likely"), QStringLiteral("least-likely"));
  target_->setToolTip(tr("Cross-entropy and DLR lead to a class; the others only away from the label"));
  goal_form_->add_row(tr("Objective"), objective_);
  goal_form_->add_row(tr("Target"), target_);
  connect(goal_, &QToolButton::clicked, goal_form_, &PopupForm::open);
  connect(objective_, &QComboBox::currentIndexChanged, this, &AttackFields::edited);
  connect(target_, &QComboBox::currentIndexChanged, this, &AttackFields::edited);
}

/// A target is meant only for objectives that lead to one.
bool AttackFields::led() const {
  const QString objective = objective_->currentData().toString();
  return objective == QLatin1String("ce") || objective == QLatin1String("dlr");
}

void AttackFields::show_goal() {
  if (!goal_) return;
  goal_->setEnabled(attack_->currentIndex() > 0);
  target_->setEnabled(led());
  const QString short_name = objective_->currentIndex() == 0 ? tr("CE") : objective_->currentText();
  const bool aims = led() && target_->currentIndex() > 0;
  goal_->setText(QLatin1Char(' ') + (aims ? tr("%1 → %2").arg(short_name, target_->currentText()) : short_name));
  goal_->setAccessibleName(aims ? tr("Objective %1, target %2: change them").arg(objective_->currentText(), target_->currentText()) : tr("Objective %1: change it").arg(objective_->currentText()));
  goal_->setToolTip(tr("What the attack raises, and the class it leads to: %1").arg(goal_->text().trimmed()));
}

void AttackFields::set_classes(const QStringList& classes) {
  if (!target_) return;
  const QSignalBlocker blocker(target_);
  const QString before = target_->currentData().toString();
  while (target_->count() > 2) target_->removeItem(2);
  for (const QString& name : classes) target_->addItem(name, name);
  if (target_->findData(before) < 0) target_->addItem(before, before);  // of another data set: the worker says what it thinks of it
  target_->setCurrentIndex(target_->findData(before));
}

void AttackFields::fill(const nlohmann::json& description) {
  const auto registries = description.find("registries");
  if (registries == description.end() || !registries->contains("attacks") || !(*registries)["attacks"].is_array()) return;
  known_ = (*registries)["attacks"];
  const QSignalBlocker blocker(attack_);
  for (const auto& entry : known_) {
    const QString id = QString::fromStdString(text_of(entry, "id")), label = QString::fromStdString(text_of(entry, "label"));
    if (id.isEmpty()) continue;
    const int index = attack_->findData(id);
    if (index < 0) attack_->addItem(label, id);
    else attack_->setItemText(index, label);
    attack_->setItemData(attack_->findData(id), QString::fromStdString(text_of(entry, "help")), Qt::ToolTipRole);
  }
  steps_->setEnabled(takes_steps());
}

void AttackFields::follow_session() {
  const nlohmann::json& options = session_->attack();
  const QSignalBlocker no_attack(attack_), no_epsilon(epsilon_), no_steps(steps_), no_objective(objective_), no_target(target_);
  const RunEntry* run = session_->library().find(session_->run());
  std::string radius = text_of(options, "epsilon");
  if (radius.empty() && run && run->recipe.contains("finetune.attack.epsilon")) radius = run->recipe.at("finetune.attack.epsilon");
  shown_epsilon_ = QString::fromStdString(radius.empty() ? "8/255" : radius).remove(QLatin1Char('"'));
  epsilon_->setText(shown_epsilon_);
  const QString id = QString::fromStdString(text_of(options, "attack"));
  if (!id.isEmpty()) {
    if (attack_->findData(id) < 0) attack_->addItem(id, id);
    if (attack_->currentIndex() > 0) attack_->setCurrentIndex(attack_->findData(id));
  }
  if (const auto set = options.find("set"); set != options.end() && set->is_array()) {
    for (const auto& each : *set) {
      const QString word = each.is_string() ? QString::fromStdString(each.get<std::string>()) : QString();
      if (word.startsWith(QStringLiteral("num_steps="))) steps_->setValue(word.mid(10).toInt());
    }
  }
  if (goal_) {
    objective_->setCurrentIndex(std::max(objective_->findData(QString::fromStdString(text_of(options, "objective"))), 0));
    const QString target = QString::fromStdString(text_of(options, "target"));
    if (target_->findData(target) < 0) target_->addItem(target, target);
    target_->setCurrentIndex(target_->findData(target));
  }
  steps_->setEnabled(takes_steps());
  show_goal();
}

bool AttackFields::takes_steps() const {
  const std::string id = attack_->currentData().toString().toStdString();
  if (id.empty()) return false;
  for (const auto& entry : known_) {
    if (text_of(entry, "id") != id || !entry.contains("parameters")) continue;
    for (const auto& parameter : entry["parameters"]) {
      if (text_of(parameter, "key") == "num_steps") return true;
    }
    return false;
  }
  return id == "pgd";
}

void AttackFields::edited() {
  const auto radius = evaluate_number(epsilon_->text());
  const bool good = radius && *radius >= 0 && *radius <= 1;
  epsilon_->setProperty("state", good ? QString() : QStringLiteral("error"));
  epsilon_->style()->unpolish(epsilon_);
  epsilon_->style()->polish(epsilon_);
  show_goal();
  if (!good) return;
  shown_epsilon_ = epsilon_->text().remove(QLatin1Char(' '));
  steps_->setEnabled(takes_steps());
  const nlohmann::json now = options();
  if (now.empty()) {
    Q_EMIT changed();
    return;
  }
  nlohmann::json shared = session_->attack();
  if (goal_) shared.erase("target");
  shared.update(now);
  if (shared == session_->attack()) Q_EMIT changed();
  else session_->set_attack(shared);  // comes back as attack_changed
}

void AttackFields::set_on(bool on) {
  const QSignalBlocker blocker(attack_);
  const std::string shared = text_of(session_->attack(), "attack");
  const int index = attack_->findData(QString::fromStdString(shared.empty() ? "pgd" : shared));
  attack_->setCurrentIndex(on ? std::max(index, 1) : 0);
  steps_->setEnabled(takes_steps());
  show_goal();
}

nlohmann::json AttackFields::options() const {
  const std::string id = attack_->currentData().toString().toStdString();
  if (id.empty()) return nlohmann::json::object();
  nlohmann::json options = {{"attack", id}, {"epsilon", shown_epsilon_.toStdString()}};
  const nlohmann::json& shared = session_->attack();
  for (const char* key : {"norm", "seed"}) {
    if (shared.contains(key)) options[key] = shared[key];
  }
  nlohmann::json set = nlohmann::json::array();
  // Parameters of another attack than the one that is chosen here mean nothing to it.
  if (const auto others = shared.find("set"); others != shared.end() && others->is_array() && text_of(shared, "attack") == id) {
    for (const auto& each : *others) {
      if (each.is_string() && !each.get<std::string>().starts_with("num_steps=")) set.push_back(each);
    }
  }
  if (goal_) {
    options["objective"] = objective_->currentData().toString().toStdString();
    if (led() && target_->currentIndex() > 0) options["target"] = target_->currentData().toString().toStdString();
  }
  if (takes_steps()) set.push_back("num_steps=" + std::to_string(steps_->value()));
  options["set"] = std::move(set);
  return options;
}

QString AttackFields::words() const {
  if (attack_->currentIndex() <= 0) return {};
  QString words = tr("%1, ε %2").arg(attack_->currentText(), shown_epsilon_);
  if (takes_steps()) words = tr("%1, %n steps", nullptr, steps_->value()).arg(words);
  if (goal_ && (objective_->currentIndex() > 0 || target_->currentIndex() > 0)) words += QStringLiteral(", ") + goal_->text().trimmed();
  return words;
}

}  // namespace mimir
