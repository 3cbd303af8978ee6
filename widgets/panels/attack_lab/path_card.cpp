#include "widgets/panels/attack_lab/path_card.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/form/number_text.h"
#include "widgets/form/popup_form.h"
#include "widgets/format.h"
#include "widgets/panels/attack_lab/step_plot.h"
#include "widgets/theme/icon.h"

namespace mimir {
namespace {

constexpr int kFramesPerSecond = 8;
constexpr int kHalfHandle = 8;

}  // namespace

PathCard::PathCard(Theme& theme, QWidget* parent)
    : Card(theme, tr("Path"), parent), theme_(&theme), plot_(new StepPlot(theme, tr("Loss and margin at each step"))), slider_(new QSlider(Qt::Horizontal)),
      slider_row_(new QHBoxLayout), position_(new QLabel), play_(nullptr), walks_(new QComboBox), branch_(new QToolButton) {
  const auto tool = [&](const char* name, const QString& tip) {
    auto* button = new QToolButton;
    button->setIcon(icon(theme, QLatin1String(name)));
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    header()->addWidget(button);
    return button;
  };
  connect(tool("step-prev", tr("One step back (,)")), &QToolButton::clicked, this, [this] { move_step(-1); });
  play_ = tool("play", tr("Play or pause (Space)"));
  play_->setCheckable(true);
  connect(tool("step-next", tr("One step forward (.)")), &QToolButton::clicked, this, [this] { move_step(1); });
  position_->setProperty("role", QStringLiteral("number"));
  position_->setMinimumWidth(108);
  walks_->setAccessibleName(tr("Which walk"));
  walks_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  walks_->hide();
  set_progress({});
  branch_->setText(tr(" Branch here "));
  branch_->setIcon(icon(theme, QLatin1String("split")));
  branch_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  branch_->setToolTip(tr("Go on from this step with another objective or step size"));
  branch_->setAccessibleName(tr("Branch here"));
  branch_->setEnabled(false);
  header()->addWidget(position_);
  header()->addWidget(walks_);
  header()->addWidget(branch_);
  make_branch_form(theme);
  plot_->set_empty_text(tr("The path of the attack comes with its first answer."));
  plot_->set_x(0, 20, 2, [](double x) { return fixed_text(x, 0); });
  slider_->setAccessibleName(tr("Step of the attack"));
  slider_->setEnabled(false);
  slider_row_->addWidget(slider_);
  body()->setSpacing(2);
  body()->addWidget(plot_, 1);
  body()->addLayout(slider_row_);
  timer_.setInterval(1000 / kFramesPerSecond);
  connect(&timer_, &QTimer::timeout, this, [this] { slider_->setValue(slider_->value() >= slider_->maximum() ? 0 : slider_->value() + 1); });
  connect(play_, &QToolButton::toggled, this, [this](bool on) {
    play_->setIcon(icon(*theme_, QLatin1String(on ? "pause" : "play")));
    on ? timer_.start() : timer_.stop();
  });
  connect(slider_, &QSlider::valueChanged, this, [this](int step) {
    show_position();
    Q_EMIT step_chosen(step);
  });
  connect(plot_, &StepPlot::chosen, this, [this](double x) { slider_->setValue(static_cast<int>(std::lround(x))); });
  connect(walks_, &QComboBox::currentIndexChanged, this, [this] { Q_EMIT walk_chosen(walks_->currentData().toInt()); });
}

void PathCard::make_branch_form(Theme& theme) {
  form_ = new PopupForm(tr("Branch"), branch_);
  objective_ = new QComboBox;
  objective_->addItem(tr("As the attack"), QString());
  for (const auto& [id, name] : {std::pair("ce", tr("Cross-entropy")), std::pair("margin", tr("Margin")), std::pair("cw_hinge", tr("CW hinge")), std::pair("dlr", tr("DLR"))}) {
    objective_->addItem(name, QLatin1String(id));
  }
  step_size_ = new QLineEdit;
  step_size_->setPlaceholderText(tr("as the attack"));
  step_size_->setProperty("mono", true);
  steps_ = new QSpinBox;
  steps_->setRange(0, 1000);
  steps_->setSpecialValueText(tr("as the attack"));
  go_on_ = new QPushButton(icon(theme, QLatin1String("play"), &Tokens::onAccent), tr("Go on"));
  go_on_->setProperty("kind", QStringLiteral("primary"));
  go_on_->setAutoDefault(true);  // Return presses it
  for (const auto& [name, control] : {std::pair<QString, QWidget*>(tr("Objective"), objective_), std::pair<QString, QWidget*>(tr("Step size"), step_size_), std::pair<QString, QWidget*>(tr("Steps"), steps_)}) {
    control->setAccessibleName(tr("%1 of the branch").arg(name));
    control->setMinimumWidth(140);
    form_->add_row(name, control);
  }
  form_->add_wide(go_on_);
  connect(branch_, &QToolButton::clicked, this, [this] {
    go_on_->setText(tr("Go on from step %1").arg(slider_->value()));
    form_->open();
  });
  connect(step_size_, &QLineEdit::returnPressed, this, &PathCard::go_on);
  connect(go_on_, &QPushButton::clicked, this, &PathCard::go_on);
}

void PathCard::go_on() {
  nlohmann::json options = {{"branch-step", slider_->value()}};
  const auto size = evaluate_number(step_size_->text());
  const bool wrong = !step_size_->text().trimmed().isEmpty() && (!size || *size <= 0);
  step_size_->setProperty("state", wrong ? QStringLiteral("error") : QString());
  step_size_->style()->unpolish(step_size_);
  step_size_->style()->polish(step_size_);
  if (wrong) return;
  if (const QString objective = objective_->currentData().toString(); !objective.isEmpty()) options["branch-objective"] = objective.toStdString();
  if (size) options["branch-step-size"] = step_size_->text().remove(QLatin1Char(' ')).toStdString();
  if (steps_->value() > 0) options["branch-steps"] = steps_->value();
  form_->close();
  Q_EMIT branch_wanted(options);
}

void PathCard::show_walk(const AttackResult& result, const AttackPath& path, int walk, int step) {
  const bool branch = walk == kBranch;
  const int offset = branch ? result.branch_step : 0, end = offset + path.last();
  std::vector<StepPlot::Line> lines;
  const auto line = [&](const QString& name, std::uint32_t Tokens::* colour, bool dashed, const std::vector<float>& values, int from, double sign, bool legend, std::size_t most) {
    StepPlot::Line made{name, colour, dashed, legend, {}};
    for (std::size_t i = 0; i < std::min(values.size(), most); ++i) made.points.emplace_back(from + static_cast<double>(i), sign * double(values[i]));
    lines.push_back(std::move(made));
  };
  const auto all = std::numeric_limits<std::size_t>::max();
  std::optional<int> flip = path.first_flip();
  if (flip) *flip += offset;
  if (branch) {  // what it left, up to there
    const AttackPath& trunk = result.restarts[static_cast<std::size_t>(result.best)];
    const auto before = static_cast<std::size_t>(offset) + 1;
    line(QString(), &Tokens::axis, false, trunk.loss, 0, 1, false, before);
    line(QString(), &Tokens::axis, true, trunk.margin, 0, -1, false, before);
    if (trunk.first_flip() && *trunk.first_flip() <= offset) flip = trunk.first_flip();
  }
  line(tr("loss"), &Tokens::adversarial, false, path.loss, offset, 1, true, all);
  line(tr("margin, true − best other"), &Tokens::clean, true, path.margin, offset, -1, true, all);
  plot_->set_lines(std::move(lines));
  plot_->set_x(0, std::max(end, 1), std::max(1, (end + 9) / 10), [](double x) { return fixed_text(x, 0); });
  std::vector<StepPlot::Mark> marks;
  if (flip) marks.push_back({static_cast<double>(*flip), path.target ? tr("on target") : *flip == 0 ? tr("wrong from the start") : tr("class flips"), StepPlot::Mark::Kind::flip});
  plot_->set_marks(std::move(marks));
  {
    const QSignalBlocker blocker(walks_);
    walks_->clear();
    if (walk != kRadius) {
      for (int i = 0; i < static_cast<int>(result.restarts.size()); ++i) walks_->addItem(i == result.best ? tr("Restart %1 · best").arg(i + 1) : tr("Restart %1").arg(i + 1), i);
      if (result.branch) walks_->addItem(tr("Branch from step %1").arg(result.branch_step), kBranch);
      walks_->setCurrentIndex(walks_->findData(walk));
    }
    walks_->setVisible(walks_->count() > 1);
    set_progress({});
  }
  {
    const QSignalBlocker blocker(slider_);
    slider_->setEnabled(true);
    slider_->setRange(offset, end);
    slider_->setValue(offset + step);
  }
  // The worker branches off the best restart.
  branch_->setEnabled(walk == result.best);
  branch_->setToolTip(walk == result.best ? tr("Go on from this step with another objective or step size") : tr("Branches leave the best restart: choose that one first"));
  show_position();
  resizeEvent(nullptr);
}

void PathCard::show_position() {
  plot_->set_cursor(slider_->value());
  position_->setText(tr("step %1 of %2").arg(slider_->value()).arg(slider_->maximum()));
}

void PathCard::set_step(int step) {
  const QSignalBlocker blocker(slider_);
  slider_->setValue(step);
  show_position();
}

void PathCard::move_step(int by) { slider_->setValue(slider_->value() + by); }
void PathCard::to_end(bool last) { slider_->setValue(last ? slider_->maximum() : slider_->minimum()); }
void PathCard::toggle_play() { play_->toggle(); }
void PathCard::set_stale(bool stale) { plot_->set_stale(stale); }
void PathCard::set_progress(const QString& words) {
  // Beside a choice of walks there is no room for what the legend says anyway.
  set_caption(!words.isEmpty() ? words : walks_->isHidden() ? tr("loss and margin at each step") : QString());
}

void PathCard::resizeEvent(QResizeEvent* event) {
  if (event) Card::resizeEvent(event);
  const QRect axes = plot_->axes();
  const double span = std::max(slider_->maximum(), 1);
  // A branch begins where it left.
  const int left = axes.left() + static_cast<int>(axes.width() * slider_->minimum() / span);
  slider_row_->setContentsMargins(std::max(left - kHalfHandle, 0), 0, std::max(plot_->width() - axes.right() - 1 - kHalfHandle, 0), 0);
}

}  // namespace mimir
