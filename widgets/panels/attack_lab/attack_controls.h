#pragma once

#include <QWidget>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "widgets/form/form_schema.h"
#include "widgets/session/session.h"

class QCheckBox;
class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QSlider;
class QSpinBox;

namespace mimir {

class FieldEditor;
class SegmentedControl;

/// Everything that can be said of an attack: which one of the registry, norm, radius, its own parameters, objective,
/// target, seed. Holds what the user typed; options() is what the worker takes.
class AttackControls : public QWidget {
  Q_OBJECT

 public:
  AttackControls(Session& session, QWidget* parent = nullptr);

  /// What `mimir describe` says. `mismatch` error if its attacks cannot be read.
  Expected<void> describe(const nlohmann::json& description);
  /// What may be aimed at.
  void set_classes(const QStringList& classes);
  /// Back to what the run was trained against (attack, radius, steps, step size), or the defaults.
  void reset();

  /// attack, norm, epsilon, set, objective, target, seed, as texts.
  nlohmann::json options() const;
  double epsilon() const { return epsilon_; }
  bool linf() const;
  /// Emits changed().
  void set_epsilon(double epsilon);
  QSlider* slider() const { return slider_; }
  /// Of the range of the slider, where smallest radii are looked for.
  double up_to() const;
  /// The radii of the slider, 0 first.
  std::vector<double> radii() const;
  /// "PGD, L∞ 8/255, 20 steps".
  QString words() const;
  /// Why the options cannot be taken; empty: they can.
  QString problem() const;

 Q_SIGNALS:
  void changed();

 private:
  void make();
  QWidget* row(const QString& label, QWidget* control);
  void choose_attack();
  void show_epsilon();
  void typed_epsilon();
  void make_parameters();
  void edited();
  void follow_session();

  Session* session_;
  nlohmann::json attacks_ = nlohmann::json::array();
  double epsilon_ = 8.0 / 255;
  QString epsilon_text_ = QStringLiteral("8/255");
  QComboBox* attack_ = nullptr;
  QLabel* source_ = nullptr;
  SegmentedControl* norm_ = nullptr;
  QLineEdit* radius_ = nullptr;
  QLabel* decimal_ = nullptr;
  QSlider* slider_ = nullptr;
  QGridLayout* parameters_ = nullptr;
  struct Field {
    FieldSchema schema;
    FieldEditor* editor = nullptr;  ///< or, for a yes or no,
    QCheckBox* check = nullptr;
  };
  std::vector<Field> fields_;
  std::map<std::string, std::string> typed_;  ///< by key of a parameter, also of other attacks
  QComboBox* objective_ = nullptr;
  QComboBox* target_ = nullptr;
  QSpinBox* seed_ = nullptr;
  bool filling_ = false;
};

}  // namespace mimir
