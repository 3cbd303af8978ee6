#include "widgets/session/run_library.h"

#include <QHash>
#include <QThread>
#include <QTimer>
#include <algorithm>
#include <atomic>
#include <deque>

#include "widgets/session/run_scanner.h"

namespace mimir {
namespace {

bool newer(const RunEntry& a, const RunEntry& b) { return a.created != b.created ? a.created > b.created : a.id < b.id; }

}  // namespace

struct RunLibrary::Impl {
  explicit Impl(Workspace w) : workspace(std::move(w)) {}

  Workspace workspace;
  std::vector<RunEntry> runs;
  QHash<QString, std::size_t> index;  // into runs
  QStringList shown;    // as watch() was told
  QString also;
  QStringList watched;  // both
  QHash<QString, std::shared_ptr<const RunRecord>> records;
  bool complete = false;
  WorkspaceHealth health;

  std::atomic<bool> stop{false};
  QThread thread;
  RunScanner* scanner = nullptr;  // lives on `thread` and goes with it

  // What the thread has read is taken over, and said, piece by piece, each in a turn of the event loop of its own: all of
  // the window listens, and between two pieces it paints and takes input.
  QTimer turns;
  std::deque<std::function<void()>> pieces;

  void apply(RunsChange& change);
  void watch_both();
  void take_turn(std::function<void()> piece) {
    pieces.push_back(std::move(piece));
    turns.start(0);
  }
  void turn() {
    const auto piece = std::move(pieces.front());
    pieces.pop_front();
    if (pieces.empty()) turns.stop();
    piece();
  }
};

void RunLibrary::Impl::watch_both() {
  QStringList ids = shown;
  if (!also.isEmpty() && !ids.contains(also)) ids.push_back(also);
  if (ids == watched) return;
  watched = ids;
  records.removeIf([&](const auto& record) { return !ids.contains(record.key()); });
  QMetaObject::invokeMethod(scanner, [scanner = scanner, ids] { scanner->watch(ids); }, Qt::QueuedConnection);
}

void RunLibrary::Impl::apply(RunsChange& change) {
  complete = complete || change.complete;
  for (const QString& id : change.gone) records.remove(id);
  std::vector<RunEntry> fresh;
  QStringList moved = change.gone;
  for (RunEntry& entry : change.entries) {
    const auto at = index.find(entry.id);
    if (at != index.end() && runs[*at].created == entry.created && !change.gone.contains(entry.id)) {
      runs[*at] = std::move(entry);
      continue;
    }
    if (at != index.end()) moved.push_back(entry.id);
    fresh.push_back(std::move(entry));
  }
  if (fresh.empty() && moved.isEmpty()) return;
  if (!moved.isEmpty()) std::erase_if(runs, [&](const RunEntry& entry) { return moved.contains(entry.id); });
  std::sort(fresh.begin(), fresh.end(), newer);
  const auto middle = static_cast<std::ptrdiff_t>(runs.size());
  std::move(fresh.begin(), fresh.end(), std::back_inserter(runs));
  std::inplace_merge(runs.begin(), runs.begin() + middle, runs.end(), newer);
  index.clear();
  for (std::size_t i = 0; i < runs.size(); ++i) index.insert(runs[i].id, i);
}

RunLibrary::RunLibrary(Workspace workspace, QObject* parent) : QObject(parent), impl_(std::make_unique<Impl>(std::move(workspace))) {
  impl_->scanner = new RunScanner(impl_->workspace, impl_->stop);
  impl_->scanner->moveToThread(&impl_->thread);
  connect(&impl_->thread, &QThread::started, impl_->scanner, &RunScanner::start);
  connect(&impl_->thread, &QThread::finished, impl_->scanner, &QObject::deleteLater);
  connect(impl_->scanner, &RunScanner::failed, this, &RunLibrary::failed);
  connect(&impl_->turns, &QTimer::timeout, this, [this] { impl_->turn(); });
  connect(impl_->scanner, &RunScanner::health_read, this, [this](const WorkspaceHealth& health) {
    impl_->take_turn([this, health] {
      impl_->health = health;
      Q_EMIT health_changed();
    });
  });
  connect(impl_->scanner, &RunScanner::runs_read, this, [this](const std::shared_ptr<RunsChange>& change) {
    impl_->take_turn([this, change] {
      impl_->apply(*change);
      Q_EMIT runs_changed();
    });
  });
  connect(impl_->scanner, &RunScanner::record_read, this, [this](const QString& id, const std::shared_ptr<const RunRecord>& record) {
    impl_->take_turn([this, id, record] {
      if (!impl_->watched.contains(id)) return;
      impl_->records.insert(id, record);
      Q_EMIT record_changed(id);
    });
  });
  impl_->thread.setObjectName(QStringLiteral("run library"));
  impl_->thread.start();
}

RunLibrary::~RunLibrary() {
  impl_->stop = true;
  impl_->thread.quit();
  impl_->thread.wait();
}

const Workspace& RunLibrary::workspace() const { return impl_->workspace; }
const std::vector<RunEntry>& RunLibrary::runs() const { return impl_->runs; }
bool RunLibrary::complete() const { return impl_->complete; }
const WorkspaceHealth& RunLibrary::health() const { return impl_->health; }

void RunLibrary::refresh() {
  QMetaObject::invokeMethod(impl_->scanner, [scanner = impl_->scanner] { scanner->look_again(); }, Qt::QueuedConnection);
}

const RunEntry* RunLibrary::find(const QString& id) const {
  const auto at = impl_->index.find(id);
  return at == impl_->index.end() ? nullptr : &impl_->runs[*at];
}

void RunLibrary::watch(const QStringList& ids) {
  impl_->shown = ids;
  impl_->watch_both();
}

void RunLibrary::watch_also(const QString& id) {
  impl_->also = id;
  impl_->watch_both();
}

std::shared_ptr<const RunRecord> RunLibrary::record(const QString& id) const { return impl_->records.value(id); }

void RunLibrary::annotate(const QString& id, std::function<void(Annotations&)> change) {
  QMetaObject::invokeMethod(
      impl_->scanner, [scanner = impl_->scanner, id, change = std::move(change)] { scanner->annotate(id, change); }, Qt::QueuedConnection);
}

}  // namespace mimir
