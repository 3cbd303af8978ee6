#pragma once

#include <QWidget>
#include <functional>

#include "widgets/panels/attack_lab/attack_result.h"
#include "widgets/theme/theme.h"

class QLabel;

namespace mimir {

/// Two models and what each says of the clean picture, of the one crafted on the first and of the one crafted on the
/// second under the same attack.
class TransferTable : public QWidget {
  Q_OBJECT

 public:
  explicit TransferTable(Theme& theme, QWidget* parent = nullptr);

  void set_models(const QString& first, const QString& second);
  /// The attack on the first model, shown to the second.
  void show_first(const AttackResult& result);
  /// The answer about the same attack on the second model, shown to the first; nullptr: on its way.
  void show_second(const WorkerAnswer* answer, const std::vector<QString>& classes, int label);
  void show_problem(const QString& sentence);

 private:
  void say(int row, int column, const std::vector<float>& probabilities, const std::function<QString(int)>& name, int label);

  Theme* theme_;
  QLabel* names_[2];
  QLabel* cells_[2][3];
  QLabel* problem_;
};

}  // namespace mimir
