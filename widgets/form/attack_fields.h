#pragma once

#include <QObject>
#include <QString>
#include <nlohmann/json.hpp>

#include "widgets/session/program.h"

class QComboBox;
class QLineEdit;
class QSpinBox;
class QToolButton;

namespace mimir {

class PopupForm;
class Session;

/// The fields of an attack that places other than Attack Lab have: which one (or none), radius, steps and, where a class is attacked,
/// its objective and target behind a button. The attacks are those of the program's registry; what else Attack Lab has set of an attack
/// stays as it is. The owner places the fields.
class AttackFields : public QObject {
  Q_OBJECT

 public:
  enum class Attacks {
    answers,          ///< of a classifier: it has an objective and a target
    reconstructions,  ///< the objective is the error
  };
  AttackFields(Session& session, Attacks attacks, QWidget* parent);

  QComboBox* attack() const { return attack_; }
  QLineEdit* epsilon() const { return epsilon_; }
  QSpinBox* steps() const { return steps_; }
  /// Opens objective and target; nullptr where there are none.
  QToolButton* goal() const { return goal_; }
  /// What may be aimed at.
  void set_classes(const QStringList& classes);

  /// As options of the worker: attack, norm, epsilon, set, seed, and for answers objective and target. Empty: no attack.
  nlohmann::json options() const;
  /// "PGD, ε 8/255, 10 steps, margin"; empty: no attack.
  QString words() const;
  /// Whether an attack is chosen; emits nothing.
  void set_on(bool on);

 Q_SIGNALS:
  void changed();

 private:
  void fill(const nlohmann::json& description);
  void follow_session();
  void edited();
  bool takes_steps() const;
  void make_goal(QWidget* parent);
  void show_goal();
  bool led() const;

  Session* session_;
  Program program_;
  QComboBox* attack_;
  QLineEdit* epsilon_;
  QSpinBox* steps_;
  QToolButton* goal_ = nullptr;
  PopupForm* goal_form_ = nullptr;
  QComboBox* objective_ = nullptr;
  QComboBox* target_ = nullptr;
  nlohmann::json known_ = nlohmann::json::array();  ///< the registry's entries
  QString shown_epsilon_;                           ///< the last one that was a number
};

}  // namespace mimir
