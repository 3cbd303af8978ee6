#include <QElapsedTimer>
#include <algorithm>

#include "widgets/frame/benchmarks.h"
#include "widgets/panels/reconstruction/reconstruction_row.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

constexpr int kRepeats = 9;

/// The four pictures of 224 x 224 with one patch of 14 x 14 more or less, painted before any answer; the median.
std::optional<double> mask_edit(BenchmarkContext& context) {
  const std::vector<float> pixels(3 * 224 * 224, 0.5F);
  const std::vector<float> mask(196, 1);
  auto answer = std::make_shared<WorkerAnswer>();
  for (const char* name : {"clean", "adversarial", "reconstruction"}) answer->arrays[name] = Array::of<float>(Dtype::f32, {1, 3, 224, 224}, pixels);
  answer->arrays["mask"] = Array::of<float>(Dtype::f32, {1, 196}, mask);
  answer->result["images"] = nlohmann::json::array({nlohmann::json::object()});
  auto read = ReconstructionAnswer::read(answer);
  if (!read) return std::nullopt;
  ReconstructionView view;
  view.answer = std::make_shared<const ReconstructionAnswer>(std::move(*read));
  view.removed = view.answer->removed();
  ReconstructionRow row(context.session.theme());
  row.resize(1200, 360);
  std::vector<double> times;
  for (std::size_t i = 0; i < kRepeats; ++i) {
    QElapsedTimer timer;
    timer.start();
    view.removed[i] = !view.removed[i];
    row.show_view(view);
    row.grab();
    times.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
  }
  std::nth_element(times.begin(), times.begin() + kRepeats / 2, times.end());
  return times[kRepeats / 2];
}

const bool registered = add_benchmark("mask_edit_ms", mask_edit);

}  // namespace
}  // namespace mimir
