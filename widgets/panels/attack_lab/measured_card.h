#pragma once

#include <optional>

#include "widgets/panels/attack_lab/attack_result.h"
#include "widgets/theme/card.h"

class QGridLayout;
class QLabel;

namespace mimir {

/// How far one iterate is from the clean picture, in numbers.
class MeasuredCard : public Card {
  Q_OBJECT

 public:
  explicit MeasuredCard(Theme& theme, QWidget* parent = nullptr);

  /// `zero_gradient`: share of exact zeros in the gradients of the whole path; none: not known of this path.
  void show_iterate(const AttackPath& path, int step, std::optional<double> zero_gradient);

 private:
  QLabel* add(const QString& name, int row);

  QGridLayout* grid_;
  QLabel *linf_, *l2_, *changed_, *at_bound_, *zero_;
};

}  // namespace mimir
