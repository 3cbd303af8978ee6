#include "widgets/form/checkpoint_combo.h"

#include <QSignalBlocker>
#include <filesystem>

#include "widgets/format.h"
#include "widgets/session/run_words.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

constexpr int kOtherRuns = 40;  ///< the newest

QString words_of(const CheckpointRow& row) {
  const QString kind = row.kind == "best" ? CheckpointCombo::tr("best") : row.kind == "last" ? CheckpointCombo::tr("last") : QString();
  const QString step = CheckpointCombo::tr("%1, step %2").arg(stage_title(QString::fromStdString(row.stage)), fixed_text(static_cast<double>(row.step), 0));
  return kind.isEmpty() ? step : step + QStringLiteral(" · ") + kind;
}

}  // namespace

CheckpointCombo::CheckpointCombo(Session& session, Kind kind, const QString& stage, QWidget* parent) : QComboBox(parent), session_(&session), kind_(kind), stage_(stage) {
  setAccessibleName(kind == Kind::own ? tr("Checkpoint") : tr("Checkpoint beside it"));
  setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  setMinimumContentsLength(16);
  connect(&session, &Session::run_selected, this, &CheckpointCombo::fill);
  connect(&session.library(), &RunLibrary::runs_changed, this, &CheckpointCombo::fill);
  connect(&session.library(), &RunLibrary::record_changed, this, [this](const QString& id) {
    if (id == session_->run()) fill();
  });
  connect(this, &QComboBox::currentIndexChanged, this, [this] { Q_EMIT chosen(choice()); });
  fill();
}

void CheckpointCombo::set_choice(const QString& choice) {
  const QSignalBlocker blocker(this);
  const int index = findData(choice);
  setCurrentIndex(std::max(index, 0));
}

void CheckpointCombo::fill() {
  const QString before = choice();
  bool kept = false;
  {
    const QSignalBlocker blocker(this);
    clear();
    addItem(kind_ == Kind::own ? tr("the run's own choice") : tr("nothing beside it"), QString());
    const RunEntry* run = session_->library().find(session_->run());
    if (const auto record = session_->library().record(session_->run()); run && record) {
      for (const CheckpointRow& row : record->checkpoints) {
        if (!stage_.isEmpty() && stage_ != QString::fromStdString(row.stage)) continue;
        addItem(words_of(row), QString::fromStdString(std::filesystem::absolute(run->folder.path() / row.path).string()));
      }
    }
    if (kind_ == Kind::beside) {
      int others = 0;
      for (const RunEntry& other : session_->library().runs()) {
        if (other.id == session_->run() || other.annotations.trash || others >= kOtherRuns) continue;
        if (others++ == 0) insertSeparator(count());
        addItem(run_name(other), other.id);
      }
    }
    const int index = findData(before);
    kept = before.isEmpty() || index >= 0;
    setCurrentIndex(std::max(index, 0));
  }
  if (!kept) Q_EMIT chosen(choice());
}

}  // namespace mimir
