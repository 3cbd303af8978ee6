#pragma once

#include <QWidget>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "widgets/form/form_schema.h"
#include "widgets/theme/theme.h"

class QCheckBox;
class QGridLayout;

namespace mimir {

class FieldEditor;

/// An attack's own parameters as the registry describes them. What was typed stays known under its key and stands there
/// again when another attack has it too.
class AttackParameters : public QWidget {
  Q_OBJECT

 public:
  explicit AttackParameters(Theme& theme, QWidget* parent = nullptr);

  /// Fields for these parameters, in place of the ones that were there. Emits nothing.
  void show_fields(const std::vector<FieldSchema>& schemas);
  /// For the next show_fields().
  void set_typed(const std::string& key, const std::string& text) { typed_[key] = text; }
  void forget_typed() { typed_.clear(); }

  /// "num_steps=20", …, as the worker's option `set` takes them.
  nlohmann::json options() const;
  /// Why they cannot be taken; empty: they can.
  QString problem() const;

 Q_SIGNALS:
  /// By the user.
  void edited();

 private:
  struct Field {
    FieldSchema schema;
    FieldEditor* editor = nullptr;  ///< or, for a yes or no,
    QCheckBox* check = nullptr;
    QString text() const;
  };
  void add_field(const FieldSchema& schema);
  void read();

  Theme* theme_;
  QGridLayout* grid_;
  std::vector<Field> fields_;
  std::map<std::string, std::string> typed_;  ///< by key, also of other attacks
};

}  // namespace mimir
