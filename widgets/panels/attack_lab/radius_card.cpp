#include "widgets/panels/attack_lab/radius_card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <cmath>

#include "widgets/format.h"
#include "widgets/panels/attack_lab/step_plot.h"

namespace mimir {
namespace {

/// Levels of 255, for a radius that need not be a whole one.
QString levels_text(double epsilon) { return QStringLiteral("%1/255").arg(QString::number(epsilon * 255, 'f', 2)); }

}  // namespace

RadiusCard::RadiusCard(Theme& theme, QWidget* parent) : Card(theme, tr("Smallest ε that flips the class"), parent), plot_(new StepPlot(theme, tr("Margin at each radius"))), figure_(new QLabel) {
  figure_->setProperty("role", QStringLiteral("number"));
  figure_->setToolTip(tr("An upper bound for this attack: another one may need less"));
  header()->addWidget(figure_);
  plot_->set_empty_text(tr("“Find smallest ε” attacks at every radius and searches between them."));
  body()->addWidget(plot_, 1);
  connect(plot_, &StepPlot::chosen, this, &RadiusCard::radius_chosen);
}

void RadiusCard::show_radii(const std::map<double, AttackPath>& walks, const RadiusSearch& search, double now, double up_to, bool linf) {
  StepPlot::Line line{tr("margin, true − best other"), &Tokens::text2, false, true, {}};
  for (const auto& [epsilon, path] : walks) {
    if (!path.margin.empty()) line.points.emplace_back(epsilon, -double(path.margin.back()));
  }
  const bool targeted = !walks.empty() && walks.begin()->second.target;
  plot_->set_lines({std::move(line)});
  const double level = up_to / 16;
  plot_->set_x(0, up_to, 2 * level, [](double x) { return x == 0 ? QStringLiteral("0") : QStringLiteral("%1/255").arg(QString::number(x * 255, 'f', std::abs(x * 255 - std::round(x * 255)) < 0.005 ? 0 : 2)); });
  std::vector<StepPlot::Tick> ticks;
  for (const RadiusSearch::Try& each : search.tried) ticks.push_back({each.epsilon, each.broken});
  plot_->set_ticks(std::move(ticks));
  std::vector<StepPlot::Mark> marks;
  if (search.smallest) marks.push_back({*search.smallest, targeted ? tr("on target") : tr("class flips"), StepPlot::Mark::Kind::flip});
  marks.push_back({now, tr("ε now"), StepPlot::Mark::Kind::now});
  plot_->set_marks(std::move(marks));
  figure_->setText(search.smallest ? (linf ? levels_text(*search.smallest) : number_text(*search.smallest, 4)) : search.finished ? tr("none up to %1").arg(levels_text(search.up_to)) : QString());
  tries_ = search.tried.size();
  set_progress(progress_);
}

void RadiusCard::set_progress(const QString& words) {
  progress_ = words;
  set_caption(!words.isEmpty() ? words : tries_ > 0 ? tr("%n bisection steps", nullptr, static_cast<int>(tries_)) : QString());
}

}  // namespace mimir
