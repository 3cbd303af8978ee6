#pragma once

#include <QWidget>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "widgets/session/session.h"

class QComboBox;
class QLabel;
class QSpinBox;

namespace mimir {

class AttackParameters;
class AttackRadius;
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
  double epsilon() const;
  bool linf() const;
  /// Emits changed().
  void set_epsilon(double epsilon);
  /// The radii of the slider, 0 first. Smallest radii are looked for up to the last.
  std::vector<double> radii() const;
  /// Why the options cannot be taken; empty: they can.
  QString problem() const;

 Q_SIGNALS:
  void changed();

 private:
  void make();
  QWidget* row(const QString& label, QWidget* control);
  const nlohmann::json* entry(const std::string& id) const;
  void choose_attack();
  void show_parameters();
  void edited();
  void follow_session();

  Session* session_;
  nlohmann::json attacks_ = nlohmann::json::array();
  QComboBox* attack_ = nullptr;
  QLabel* source_ = nullptr;
  SegmentedControl* norm_ = nullptr;
  AttackRadius* radius_ = nullptr;
  AttackParameters* parameters_ = nullptr;
  QComboBox* objective_ = nullptr;
  QComboBox* target_ = nullptr;
  QSpinBox* seed_ = nullptr;
  bool filling_ = false;
};

}  // namespace mimir
