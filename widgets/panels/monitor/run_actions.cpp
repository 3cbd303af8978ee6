#include "widgets/panels/monitor/run_actions.h"

#include <QAction>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>

#include "widgets/format.h"
#include "widgets/session/run_words.h"
#include "widgets/theme/icon.h"

namespace mimir {

RunActions::RunActions(Session& session, QWidget* window) : QObject(window), session_(&session), window_(window), resumer_(session) {
  const Theme& theme = session.theme();
  checkpoint_ = new QAction(icon(theme, QLatin1String("checkpoint")), tr("Checkpoint"), this);
  connect(checkpoint_, &QAction::triggered, this, [this] { send(ControlCommand::checkpoint); });
  pause_ = new QAction(icon(theme, QLatin1String("pause")), tr("Pause"), this);
  connect(pause_, &QAction::triggered, this, [this] {
    const RunEntry* run = session_->library().find(session_->run());
    send(run && run->condition.status == RunStatus::paused ? ControlCommand::unpause : ControlCommand::pause);
  });
  stop_ = new QAction(icon(theme, QLatin1String("stop"), &Tokens::danger), tr("Stop…"), this);
  stop_->setProperty("kind", QStringLiteral("danger"));
  auto* menu = new QMenu(window);
  connect(menu->addAction(tr("Stop after this epoch")), &QAction::triggered, this, [this] { send(ControlCommand::stop, Stop::after_epoch); });
  connect(menu->addAction(tr("Stop after this step, with a checkpoint")), &QAction::triggered, this, [this] { send(ControlCommand::stop, Stop::after_step); });
  menu->addSeparator();
  connect(menu->addAction(tr("Stop now, without a checkpoint…")), &QAction::triggered, this, &RunActions::ask_to_stop_now);
  stop_->setMenu(menu);
  again_ = make_again();
  change_ = make_again();
  resume_ = new QAction(icon(theme, QLatin1String("play"), &Tokens::onAccent), tr("Resume"), this);
  resume_->setProperty("kind", QStringLiteral("primary"));
  connect(resume_, &QAction::triggered, this, [this] {
    if (const RunEntry* run = session_->library().find(session_->run())) resumer_.resume(*run);
  });
  connect(&resumer_, &RunResume::busy_changed, this, [this] { show_run(session_->library().find(session_->run())); });
  connect(&control_, &RunControl::answered, this, [this](const QString&, ControlCommand, bool, const QString& sentence) { session_->say(sentence); });
  show_run(nullptr);
}

QAction* RunActions::make_again() {
  auto* action = new QAction(icon(session_->theme(), QLatin1String("launch")), tr("Run again with…"), this);
  action->setToolTip(tr("Open its recipe in Launch, to change something and start a new run"));
  connect(action, &QAction::triggered, this, [this] {
    if (const RunEntry* run = session_->library().find(session_->run())) session_->run_again(run->id, parameter_to_change(*run));
  });
  return action;
}

void RunActions::show_run(const RunEntry* run) {
  const bool trains = run && (run->condition.status == RunStatus::running || run->condition.status == RunStatus::paused);
  const bool paused = run && run->condition.status == RunStatus::paused;
  const bool idle = run && resumable(*run), over = idle || (run && run->condition.status == RunStatus::finished);
  const auto enable = [&](QAction* action, const QString& tip) {
    action->setEnabled(trains);
    action->setToolTip(trains ? tip : tr("No trainer works on this run"));
    action->setVisible(!over);
  };
  if (const QString text = paused ? tr("Continue") : tr("Pause"); text != pause_->text()) {
    pause_->setText(text);
    pause_->setIcon(icon(session_->theme(), paused ? QLatin1String("play") : QLatin1String("pause")));
  }
  enable(checkpoint_, tr("Write a checkpoint after this step"));
  enable(pause_, paused ? tr("Go on training") : tr("Pause after this step"));
  enable(stop_, tr("Stop after this epoch, after this step, or now"));
  again_->setVisible(over && !idle);
  change_->setVisible(idle);
  resume_->setVisible(idle);
  resume_->setEnabled(idle && !resumer_.busy());
  resume_->setText(resumer_.busy() ? tr("Resuming…") : tr("Resume"));
  resume_->setToolTip(tr("Go on from the last checkpoint; the training outlives the window"));
}

void RunActions::send(ControlCommand command, Stop when) {
  const RunEntry* run = session_->library().find(session_->run());
  if (!run) return;
  ControlRequest request;
  request.command = command;
  request.when = when;
  control_.send(run->id, run->folder, request);
}

void RunActions::ask_to_stop_now() {
  const RunEntry* run = session_->library().find(session_->run());
  if (!run) return;
  auto* question = new QMessageBox(QMessageBox::Warning, tr("Stop now"), tr("Stop %1 now, without a checkpoint?").arg(run_name(*run)), QMessageBox::NoButton, window_);
  question->setAttribute(Qt::WA_DeleteOnClose);
  question->setInformativeText(tr("What it has learned since its last checkpoint is lost. Resuming begins there again."));
  auto* stop = question->addButton(tr("Stop now"), QMessageBox::DestructiveRole);
  stop->setProperty("kind", QStringLiteral("destructive"));
  auto* keep = question->addButton(tr("Keep training"), QMessageBox::RejectRole);
  question->setDefaultButton(keep);
  question->setEscapeButton(keep);
  // The run that was asked about, whatever is selected by then.
  connect(question, &QMessageBox::buttonClicked, this, [this, stop, id = run->id, folder = run->folder](QAbstractButton* clicked) {
    if (clicked != stop) return;
    ControlRequest request;
    request.command = ControlCommand::stop;
    request.when = Stop::now;
    control_.send(id, folder, request);
  });
  question->open();
}

}  // namespace mimir
