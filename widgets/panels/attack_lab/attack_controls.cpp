#include "widgets/panels/attack_lab/attack_controls.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QStyle>
#include <QVBoxLayout>
#include <cmath>

#include "core/base/text.h"
#include "widgets/form/field_editor.h"
#include "widgets/form/number_text.h"
#include "widgets/format.h"
#include "widgets/theme/segmented_control.h"

namespace mimir {
namespace {

constexpr int kLevels = 16;          ///< of the slider
constexpr double kLinfLevel = 1.0 / 255;
constexpr double kL2Level = 16.0 / 255;
constexpr int kControl = 140;
constexpr int kHandle = 8;           ///< half of the slider's
constexpr double kLargestL2 = 255;
constexpr const char* kSteps = "20";  ///< where neither run nor user says otherwise

/// The ends and some levels in between, below the slider.
class LevelScale : public QWidget {
 public:
  explicit LevelScale(Theme& theme) : theme_(&theme) { setFixedHeight(20); }
  void set_unit(int unit) {
    unit_ = unit;
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const Tokens& t = theme_->tokens();
    painter.setFont(theme_->font(font::kTick));
    for (const int level : {0, 2, 4, 8, 12, 16}) {
      const double x = kHandle + level * (width() - 2.0 * kHandle) / kLevels;
      painter.setPen(Theme::colour(t.axis));
      painter.drawLine(QPointF(x, 0), QPointF(x, 4));
      painter.setPen(Theme::colour(t.text3));
      painter.drawText(QRectF(x - 16, 5, 32, 14), Qt::AlignHCenter | Qt::AlignTop, QString::number(level * unit_));
    }
  }

 private:
  Theme* theme_;
  int unit_ = 1;
};

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

QLabel* label(const QString& text) {
  auto* made = new QLabel(text);
  made->setProperty("role", QStringLiteral("label"));
  return made;
}

/// "num_steps" -> "Steps"; what is not known as its key reads.
QString title_of(const std::string& key) {
  if (key == "num_steps") return AttackControls::tr("Steps");
  QString words = QString::fromStdString(key).replace(QLatin1Char('_'), QLatin1Char(' '));
  return words.left(1).toUpper() + words.mid(1);
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

  auto* radius = new QWidget;
  auto* radius_row = new QHBoxLayout(radius);
  radius_row->setContentsMargins(0, 0, 0, 0);
  radius_row->setSpacing(6);
  auto* letter = new QLabel(QStringLiteral("ε"));
  letter->setProperty("role", QStringLiteral("name"));
  radius_ = new QLineEdit;
  radius_->setFont(theme.font(font::kFigure));
  radius_->setAlignment(Qt::AlignRight);
  radius_->setFixedWidth(104);
  radius_->setAccessibleName(tr("Epsilon"));
  radius_->setToolTip(tr("Radius of the attack for pixels in 0 to 1: 8/255, 0.03, 2*8/255"));
  decimal_ = new QLabel;
  decimal_->setProperty("role", QStringLiteral("caption-number"));
  decimal_->setMinimumWidth(60);
  decimal_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  radius_row->addWidget(letter);
  radius_row->addStretch(1);
  radius_row->addWidget(radius_);
  radius_row->addWidget(decimal_);
  column->addWidget(radius);
  slider_ = new QSlider(Qt::Horizontal);
  slider_->setRange(0, kLevels);
  slider_->setPageStep(2);
  slider_->setAccessibleName(tr("Epsilon, by levels"));
  column->addWidget(slider_);
  auto* scale = new LevelScale(theme);
  column->addWidget(scale);
  column->addSpacing(4);

  auto* parameters = new QWidget;
  parameters_ = new QGridLayout(parameters);
  parameters_->setContentsMargins(0, 0, 0, 0);
  parameters_->setVerticalSpacing(6);
  parameters_->setColumnStretch(0, 1);
  column->addWidget(parameters);
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
  setTabOrder(attack_, norm_);

  connect(attack_, &QComboBox::currentIndexChanged, this, &AttackControls::choose_attack);
  connect(norm_, &SegmentedControl::chosen, this, [this, scale](int index) {
    scale->set_unit(index == 0 ? 1 : 16);
    show_epsilon();
    edited();
  });
  connect(radius_, &QLineEdit::textChanged, this, &AttackControls::typed_epsilon);
  connect(radius_, &QLineEdit::editingFinished, this, &AttackControls::show_epsilon);
  connect(slider_, &QSlider::valueChanged, this, [this](int level) { set_epsilon(level * (linf() ? kLinfLevel : kL2Level)); });
  for (QComboBox* combo : {objective_, target_}) connect(combo, &QComboBox::currentIndexChanged, this, &AttackControls::edited);
  connect(seed_, &QSpinBox::valueChanged, this, &AttackControls::edited);
}

QWidget* AttackControls::row(const QString& name, QWidget* control) {
  auto* made = new QWidget;
  auto* line = new QHBoxLayout(made);
  line->setContentsMargins(0, 0, 0, 0);
  line->addWidget(label(name));
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

void AttackControls::choose_attack() {
  const std::string id = attack_->currentData().toString().toStdString();
  for (const auto& entry : attacks_) {
    if (text_of(entry, "id") != id) continue;
    source_->setText(QString::fromStdString(text_of(entry, "source")));
    attack_->setToolTip(QString::fromStdString(text_of(entry, "help")));
    const auto norms = entry.value("norms", nlohmann::json::array({"linf"}));
    const auto knows = [&](const char* name) { return std::find(norms.begin(), norms.end(), name) != norms.end(); };
    norm_->set_enabled(0, knows("linf"), tr("%1 has no L∞ form").arg(attack_->currentText()));
    norm_->set_enabled(1, knows("l2"), tr("%1 has no L2 form").arg(attack_->currentText()));
    if (!knows(linf() ? "linf" : "l2")) norm_->set_index(linf() ? 1 : 0);
  }
  make_parameters();
  edited();
}

void AttackControls::make_parameters() {
  while (QLayoutItem* item = parameters_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  fields_.clear();
  const std::string id = attack_->currentData().toString().toStdString();
  const auto entry = std::find_if(attacks_.begin(), attacks_.end(), [&](const auto& each) { return text_of(each, "id") == id; });
  if (entry == attacks_.end()) return;
  const auto schemas = parse_fields(entry->value("parameters", nlohmann::json::array()));
  for (const FieldSchema& schema : *schemas) {
    Field field{schema};
    const std::string& key = schema.parameter.key;
    const QString known = QString::fromStdString(typed_.contains(key) ? typed_.at(key) : value_text(schema, schema.parameter.fallback).toStdString());
    const QString help = QString::fromStdString(schema.parameter.help);
    const int at = parameters_->rowCount();
    if (schema.parameter.type == ParameterType::boolean) {
      field.check = new QCheckBox(title_of(key));
      field.check->setChecked(known == QLatin1String("true"));
      field.check->setToolTip(help);
      connect(field.check, &QCheckBox::toggled, this, &AttackControls::edited);
      parameters_->addWidget(field.check, at, 0, 1, 2);
    } else {
      field.editor = new FieldEditor(session_->theme(), schema);
      field.editor->set_text(known);
      auto* name = label(title_of(key));
      name->setToolTip(help);
      field.editor->setToolTip(help + QLatin1Char('\n') + range_text(schema));
      connect(field.editor, &FieldEditor::typed, this, &AttackControls::edited);
      parameters_->addWidget(name, at, 0);
      parameters_->addWidget(field.editor, at, 1, Qt::AlignRight);
    }
    fields_.push_back(field);
  }
}

void AttackControls::edited() {
  for (Field& field : fields_) {
    const QString text = field.check ? QString::fromLatin1(field.check->isChecked() ? "true" : "false") : field.editor->text();
    typed_[field.schema.parameter.key] = text.toStdString();
    if (!field.editor) continue;
    const auto canonical = canonical_text(field.schema, text);
    const auto value = canonical ? parse_value(field.schema.parameter, canonical->toStdString()) : std::nullopt;
    field.editor->set_error(!value || check_value(field.schema.parameter, *value));
  }
  if (!filling_) Q_EMIT changed();
}

QString AttackControls::problem() const {
  const auto radius = evaluate_number(radius_->text());
  if (!radius || *radius < 0 || *radius > (linf() ? 1 : kLargestL2)) return linf() ? tr("ε is a number from 0 to 1: 8/255 or 0.03.") : tr("ε is a number from 0 to 255.");
  for (const Field& field : fields_) {
    if (!field.editor) continue;
    const QString name = title_of(field.schema.parameter.key);
    const auto canonical = canonical_text(field.schema, field.editor->text());
    const auto value = canonical ? parse_value(field.schema.parameter, canonical->toStdString()) : std::nullopt;
    if (!value) return tr("%1 is not a number.").arg(name);
    if (const auto wrong = check_value(field.schema.parameter, *value)) return QString::fromStdString(*wrong);
  }
  return {};
}

bool AttackControls::linf() const { return norm_->index() == 0; }

double AttackControls::up_to() const { return kLevels * (linf() ? kLinfLevel : kL2Level); }

std::vector<double> AttackControls::radii() const {
  std::vector<double> all;
  for (int level = 0; level <= kLevels; ++level) all.push_back(level * (linf() ? kLinfLevel : kL2Level));
  return all;
}

void AttackControls::set_epsilon(double epsilon) {
  epsilon_ = epsilon;
  epsilon_text_ = fraction_text(epsilon);
  const QString exact = QString::fromStdString(format_number(epsilon));
  if (!epsilon_text_.contains(QLatin1Char('/'))) epsilon_text_ = exact;
  show_epsilon();
  edited();
}

void AttackControls::show_epsilon() {
  const QSignalBlocker no_text(radius_), no_slider(slider_);
  radius_->setText(epsilon_text_);
  radius_->setProperty("state", QString());
  radius_->style()->unpolish(radius_);
  radius_->style()->polish(radius_);
  slider_->setValue(static_cast<int>(std::lround(std::min(epsilon_ / (linf() ? kLinfLevel : kL2Level), double(kLevels)))));
  decimal_->setText(QStringLiteral("= %1").arg(QString::number(epsilon_, 'f', 4)));
}

void AttackControls::typed_epsilon() {
  const auto value = evaluate_number(radius_->text());
  const bool good = value && *value >= 0 && *value <= (linf() ? 1 : kLargestL2);
  radius_->setProperty("state", good ? QString() : QStringLiteral("error"));
  radius_->style()->unpolish(radius_);
  radius_->style()->polish(radius_);
  if (good) {
    epsilon_ = *value;
    epsilon_text_ = radius_->text().remove(QLatin1Char(' '));
    const QSignalBlocker blocker(slider_);
    slider_->setValue(static_cast<int>(std::lround(std::min(epsilon_ / (linf() ? kLinfLevel : kL2Level), double(kLevels)))));
    decimal_->setText(QStringLiteral("= %1").arg(QString::number(epsilon_, 'f', 4)));
  }
  edited();
}

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
  const auto recipe = [&](const char* key, const std::string& other) {
    const std::string path = std::string("finetune.attack.") + key;
    return run && run->recipe.contains(path) ? run->recipe.at(path) : other;
  };
  typed_.clear();
  typed_["num_steps"] = recipe("num_steps", kSteps);
  if (const std::string size = recipe("step_size", ""); !size.empty()) typed_["step_size"] = size;
  norm_->set_index(0);
  attack_->setCurrentIndex(std::max(attack_->findData(QStringLiteral("pgd")), 0));
  make_parameters();
  epsilon_text_ = QString::fromStdString(recipe("epsilon", "8/255")).remove(QLatin1Char('"'));
  epsilon_ = evaluate_number(epsilon_text_).value_or(8.0 / 255);
  show_epsilon();
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
    if (const auto equals = word.find('='); equals != std::string::npos) typed_[word.substr(0, equals)] = word.substr(equals + 1);
  }
  make_parameters();
  if (text_of(shared, "norm") == "l2") norm_->set_index(1);
  if (const QString radius = QString::fromStdString(text_of(shared, "epsilon")); evaluate_number(radius)) {
    epsilon_text_ = radius;
    epsilon_ = *evaluate_number(radius);
    show_epsilon();
  }
  objective_->setCurrentIndex(std::max(objective_->findData(QString::fromStdString(text_of(shared, "objective"))), 0));
  filling_ = false;
  edited();
}

nlohmann::json AttackControls::options() const {
  nlohmann::json set = nlohmann::json::array();
  for (const Field& field : fields_) {
    const QString typed = field.check ? QString::fromLatin1(field.check->isChecked() ? "true" : "false") : field.editor->text();
    set.push_back(field.schema.parameter.key + "=" + canonical_text(field.schema, typed).value_or(typed).toStdString());
  }
  nlohmann::json options = {{"attack", attack_->currentData().toString().toStdString()},
                            {"norm", linf() ? "linf" : "l2"},
                            {"epsilon", epsilon_text_.toStdString()},
                            {"set", std::move(set)},
                            {"objective", objective_->currentData().toString().toStdString()},
                            {"seed", seed_->value()}};
  if (const QString target = target_->currentData().toString(); !target.isEmpty()) options["target"] = target.toStdString();
  return options;
}

QString AttackControls::words() const {
  QString words = tr("%1, %2 %3").arg(attack_->currentText(), linf() ? QStringLiteral("L∞") : QStringLiteral("L2"), epsilon_text_);
  const auto steps = std::find_if(fields_.begin(), fields_.end(), [](const Field& field) { return field.schema.parameter.key == "num_steps"; });
  return steps == fields_.end() ? words : tr("%1, %2 steps").arg(words, steps->editor->text());
}

}  // namespace mimir
