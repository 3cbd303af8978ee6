#pragma once

#include <map>

#include "widgets/panels/attack_lab/attack_result.h"
#include "widgets/theme/card.h"

class QLabel;

namespace mimir {

class StepPlot;

/// What a search for the smallest radius has found so far.
struct RadiusSearch {
  struct Try {
    double epsilon = 0;
    bool broken = false;
  };
  std::vector<Try> tried;             ///< by bisection, in their order
  std::optional<double> smallest;
  bool finished = false;              ///< without `smallest`: none up to `up_to`
  double up_to = 0;
};

/// The margin the attack reaches at each radius, and the smallest radius at which it succeeds. A click on the plot asks
/// for that radius.
class RadiusCard : public Card {
  Q_OBJECT

 public:
  explicit RadiusCard(Theme& theme, QWidget* parent = nullptr);

  /// `walks` by radius; `now` is the radius that is looked at.
  void show_radii(const std::map<double, AttackPath>& walks, const RadiusSearch& search, double now, double up_to, bool linf);
  void set_progress(const QString& words);

 Q_SIGNALS:
  void radius_chosen(double epsilon);

 private:
  StepPlot* plot_;
  QLabel* figure_;
  QString progress_;
  std::size_t tries_ = 0;
};

}  // namespace mimir
