#pragma once

#include <QObject>
#include <QString>
#include <nlohmann/json.hpp>

#include "widgets/session/program.h"

class QComboBox;
class QLineEdit;
class QSpinBox;

namespace mimir {

class Session;

/// The three fields of an attack that places other than Attack Lab have: which one (or none), radius, steps. The attacks are those
/// of the program's registry; what else Attack Lab has set of an attack stays as it is. The owner places the fields.
class AttackFields : public QObject {
  Q_OBJECT

 public:
  explicit AttackFields(Session& session, QWidget* parent);

  QComboBox* attack() const { return attack_; }
  QLineEdit* epsilon() const { return epsilon_; }
  QSpinBox* steps() const { return steps_; }

  /// As options of the worker: attack, norm, epsilon, set, seed. Empty: no attack.
  nlohmann::json options() const;
  /// "PGD, 8/255, 10 steps"; empty: no attack.
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

  Session* session_;
  Program program_;
  QComboBox* attack_;
  QLineEdit* epsilon_;
  QSpinBox* steps_;
  nlohmann::json known_ = nlohmann::json::array();  ///< the registry's entries
  QString shown_epsilon_;                           ///< the last one that was a number
};

}  // namespace mimir
