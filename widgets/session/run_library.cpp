#include "widgets/session/run_library.h"

namespace mimir {

struct RunLibrary::Impl {
  explicit Impl(Workspace w) : workspace(std::move(w)) {}
  Workspace workspace;
  std::vector<RunEntry> runs;
};

RunLibrary::RunLibrary(Workspace workspace, QObject* parent) : QObject(parent), impl_(std::make_unique<Impl>(std::move(workspace))) {}
RunLibrary::~RunLibrary() = default;
const Workspace& RunLibrary::workspace() const { return impl_->workspace; }
const std::vector<RunEntry>& RunLibrary::runs() const { return impl_->runs; }
const RunEntry* RunLibrary::find(const QString&) const { return nullptr; }
void RunLibrary::watch(const QStringList&) {}
std::shared_ptr<const RunRecord> RunLibrary::record(const QString&) const { return nullptr; }
void RunLibrary::annotate(const QString&, std::function<void(Annotations&)>) {}

}  // namespace mimir
