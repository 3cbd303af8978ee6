#include "widgets/panels/attack_lab/attack_parameters.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>

#include "widgets/form/field_editor.h"
#include "widgets/form/number_text.h"

namespace mimir {
namespace {

/// "num_steps" -> "Steps"; what is not known as its key reads.
QString title_of(const std::string& key) {
  if (key == "num_steps") return AttackParameters::tr("Steps");
  QString words = QString::fromStdString(key).replace(QLatin1Char('_'), QLatin1Char(' '));
  return words.left(1).toUpper() + words.mid(1);
}

std::optional<Value> value_of(const FieldSchema& schema, const QString& text) {
  const auto canonical = canonical_text(schema, text);
  return canonical ? parse_value(schema.parameter, canonical->toStdString()) : std::nullopt;
}

}  // namespace

QString AttackParameters::Field::text() const { return check ? QString::fromLatin1(check->isChecked() ? "true" : "false") : editor->text(); }

AttackParameters::AttackParameters(Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme), grid_(new QGridLayout(this)) {
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setVerticalSpacing(6);
  grid_->setColumnStretch(0, 1);
}

void AttackParameters::show_fields(const std::vector<FieldSchema>& schemas) {
  while (QLayoutItem* item = grid_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  fields_.clear();
  for (const FieldSchema& schema : schemas) add_field(schema);
  read();
}

void AttackParameters::add_field(const FieldSchema& schema) {
  Field field{schema};
  const std::string& key = schema.parameter.key;
  const QString known = typed_.contains(key) ? QString::fromStdString(typed_.at(key)) : value_text(schema, schema.parameter.fallback);
  const QString help = QString::fromStdString(schema.parameter.help);
  const int row = grid_->rowCount();
  const auto changed = [this] {
    read();
    Q_EMIT edited();
  };
  if (schema.parameter.type == ParameterType::boolean) {
    field.check = new QCheckBox(title_of(key));
    field.check->setChecked(known == QLatin1String("true"));
    field.check->setToolTip(help);
    connect(field.check, &QCheckBox::toggled, this, changed);
    grid_->addWidget(field.check, row, 0, 1, 2);
  } else {
    field.editor = new FieldEditor(*theme_, schema);
    field.editor->set_text(known);
    field.editor->setToolTip(help + QLatin1Char('\n') + range_text(schema));
    connect(field.editor, &FieldEditor::typed, this, changed);
    auto* name = new QLabel(title_of(key));
    name->setProperty("role", QStringLiteral("label"));
    name->setToolTip(help);
    grid_->addWidget(name, row, 0);
    grid_->addWidget(field.editor, row, 1, Qt::AlignRight);
  }
  fields_.push_back(field);
}

void AttackParameters::read() {
  for (Field& field : fields_) {
    typed_[field.schema.parameter.key] = field.text().toStdString();
    if (!field.editor) continue;
    const auto value = value_of(field.schema, field.text());
    field.editor->set_error(!value || check_value(field.schema.parameter, *value));
  }
}

QString AttackParameters::problem() const {
  for (const Field& field : fields_) {
    if (!field.editor) continue;
    const auto value = value_of(field.schema, field.text());
    if (!value) return tr("%1 is not a number.").arg(title_of(field.schema.parameter.key));
    if (const auto wrong = check_value(field.schema.parameter, *value)) return QString::fromStdString(*wrong);
  }
  return {};
}

nlohmann::json AttackParameters::options() const {
  nlohmann::json set = nlohmann::json::array();
  for (const Field& field : fields_) {
    const QString typed = field.text();
    set.push_back(field.schema.parameter.key + "=" + canonical_text(field.schema, typed).value_or(typed).toStdString());
  }
  return set;
}

}  // namespace mimir
