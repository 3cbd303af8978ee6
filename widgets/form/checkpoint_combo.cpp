#include "widgets/form/checkpoint_combo.h"

#include <QAbstractItemView>
#include <QCoreApplication>
#include <QPointer>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QThreadPool>
#include <algorithm>
#include <filesystem>

#include "widgets/format.h"
#include "widgets/session/run_words.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

constexpr int kOtherRuns = 40;  ///< the newest
constexpr int kBesideText = 40;  ///< px, what a row of the list needs beside its text
constexpr int kWidestList = 640;

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

std::vector<CheckpointCombo::Row> CheckpointCombo::listed(const RunEntry* run, const RunRecord* record) const {
  std::vector<Row> rows{{kind_ == Kind::own ? tr("the run's own choice") : tr("nothing beside it"), QString()}};
  if (run && record) {
    for (const CheckpointRow& row : record->checkpoints) {
      if (!stage_.isEmpty() && stage_ != QString::fromStdString(row.stage)) continue;
      const QString file = QString::fromStdString(std::filesystem::absolute(run->folder.path() / row.path).string());
      std::erase_if(rows, [&](const Row& older) { return older.data == file; });  // written again at a later step
      rows.push_back({words_of(row), file});
    }
  }
  if (kind_ == Kind::own) return rows;
  int others = 0;
  for (const RunEntry& other : session_->library().runs()) {
    if (other.id == session_->run() || other.annotations.trash || others >= kOtherRuns) continue;
    if (others++ == 0) rows.push_back({});
    rows.push_back({run_name(other), other.id});
  }
  return rows;
}

void CheckpointCombo::fill() {
  const RunEntry* run = session_->library().find(session_->run());
  const auto record = session_->library().record(session_->run());
  std::optional<std::size_t> known;
  if (run && record) {
    const auto of_stage = [this](const CheckpointRow& row) { return stage_.isEmpty() || stage_ == QString::fromStdString(row.stage); };
    known = static_cast<std::size_t>(std::count_if(record->checkpoints.begin(), record->checkpoints.end(), of_stage));
  }
  const bool grown = filled_run_ == session_->run() && known_ && known && *known > *known_;
  filled_run_ = session_->run();
  known_ = known;
  std::vector<Row> rows = listed(run, record.get());
  if (rows == rows_) return;
  rows_ = std::move(rows);

  const QString before = choice();
  {
    const QSignalBlocker blocker(this);
    clear();
    for (const Row& row : rows_) {
      if (row == Row()) {
        insertSeparator(count());
        continue;
      }
      addItem(row.text, row.data);
      setItemData(count() - 1, row.text, Qt::ToolTipRole);
    }
    setCurrentIndex(std::max(findData(before), 0));
  }
  if (choice() != before) Q_EMIT chosen(choice());
  if (grown && session_->checkpoint().isEmpty()) Q_EMIT written();
  look_for_files();
}

void CheckpointCombo::look_for_files() {
  QStringList files;
  for (int i = 1; i < count(); ++i) {
    if (const QString data = itemData(i).toString(); data.endsWith(QLatin1String(".safetensors"))) files += data;
  }
  if (files.isEmpty()) return;
  QThreadPool::globalInstance()->start([guard = QPointer<CheckpointCombo>(this), files] {
    QStringList gone;
    for (const QString& file : files) {
      std::error_code error;  // a file that cannot be looked at stays: the worker says why
      if (!std::filesystem::exists(file.toStdString(), error) && !error) gone += file;
    }
    if (gone.isEmpty()) return;
    QMetaObject::invokeMethod(QCoreApplication::instance(), [guard, gone] {
      for (const QString& file : gone) {
        if (const int index = guard ? guard->findData(file) : -1; index > 0) guard->removeItem(index);
      }
    });
  });
}

void CheckpointCombo::showPopup() {
  look_for_files();
  int widest = 0;
  for (int i = 0; i < count(); ++i) widest = std::max(widest, view()->fontMetrics().horizontalAdvance(itemText(i)));
  view()->setMinimumWidth(std::min(widest + kBesideText + view()->verticalScrollBar()->sizeHint().width(), kWidestList));
  QComboBox::showPopup();
}

}  // namespace mimir
