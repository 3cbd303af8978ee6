#include "widgets/panels/launch/prospect.h"

#include <QLineEdit>
#include <QPushButton>

#include "widgets/format.h"
#include "widgets/panels/launch/outcome_card.h"
#include "widgets/session/in_sight.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

constexpr int kCheckAfterMs = 150;

}  // namespace

Prospect::Prospect(Session& session, Program& program, FormModel& model, OutcomeCard& card, QObject* parent)
    : QObject(parent), session_(&session), program_(&program), model_(&model), card_(&card), disk_(session.library().workspace().path()),
      measurer_(program, session.library()) {
  checking_.setSingleShot(true);
  checking_.setInterval(kCheckAfterMs);
  connect(&checking_, &QTimer::timeout, this, &Prospect::check);
  connect(&model, &FormModel::edited, this, &Prospect::edited);
  connect(&model, &FormModel::problems_changed, this, &Prospect::show);
  connect(&card.name(), &QLineEdit::textEdited, this, [this] { card_->show_command(command()); });
  connect(&card.measure(), &QPushButton::clicked, this, &Prospect::measure);
  connect(&measurer_, &Measurer::changed, this, &Prospect::show);
  connect(&disk_, &DiskUse::changed, this, &Prospect::show);
  connect(&session.library(), &RunLibrary::runs_changed, new InSight(card, [this] { show(); }, this), &InSight::changed);
  check();
  show();
}

void Prospect::start_over() {
  plan_.clear();
  measurer_.cancel();
  measurer_.forget_problem();
}

void Prospect::edited() {
  checking_.start();
  measurer_.forget_problem();
  show();
}

void Prospect::check() {
  delete check_;
  check_ = program_->ask(QStringList{QStringLiteral("train")} + model_->draft().arguments(model_->schema()) + QStringList{QStringLiteral("--dry-run")}, this,
                         [this](const Expected<nlohmann::json>& answer) {
                           if (answer && answer->is_object()) {
                             plan_ = planned_stages(*answer);
                             model_->set_checked(problems_of(*answer));
                           } else {
                             plan_.clear();
                             const QString why = answer ? tr("mimir train --dry-run gave no answer that can be read.") : sentence_text(answer.error().message);
                             model_->set_checked({{QString(), Severity::error, why, {}}});
                           }
                           show();
                         });
}

void Prospect::show() {
  const auto& measurement = measurer_.measurement();
  const Outlook outlook = outlook_of(*model_, plan_, session_->library().runs(), disk_, measurement ? &*measurement : nullptr);
  card_->show_outlook(outlook);
  card_->show_differences(*model_);
  card_->show_command(command());
  QString obstacle;
  for (const FormProblem& problem : model_->problems()) {
    if (obstacle.isEmpty() && problem.severity == Severity::error) obstacle = problem.field.isEmpty() ? problem.message : problem.field + QStringLiteral(": ") + problem.message;
  }
  if (outlook.stages.empty()) obstacle = tr("No stage is switched on: nothing would run.");
  card_->set_obstacle(obstacle);
  card_->show_measuring_failure(measurer_.problem());
  if (measurer_.busy()) {
    card_->show_measuring(measurer_.doing().isEmpty() ? tr("Measuring on this machine") : measurer_.doing(), tr("Cancel"));
  } else {
    const bool again = measurement && measurement->base == model_->draft().base;
    card_->show_measuring({}, again ? tr("Measure again") : tr("Measure on this machine"), obstacle);
  }
}

void Prospect::measure() {
  if (measurer_.busy()) measurer_.cancel();
  else measurer_.measure(model_->draft(), model_->schema());
}

QStringList Prospect::command() const {
  QStringList words = model_->draft().arguments(model_->schema());
  const QString name = card_->name().text().trimmed();
  if (!name.isEmpty()) words << QStringLiteral("--name") << name;
  const auto& workspace = session_->library().workspace().path();
  if (workspace != Workspace::default_path()) words << QStringLiteral("--workspace") << QString::fromStdString(workspace.string());
  return QStringList{QStringLiteral("mimir"), QStringLiteral("train")} + words;
}

}  // namespace mimir
