#include <QElapsedTimer>
#include <algorithm>

#include "widgets/frame/benchmarks.h"
#include "widgets/image/map_grid.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

constexpr int kRepeats = 9;

/// The thumbnails of ViT-base, 12 layers and 12 heads of 14 x 14 patches, coloured anew and painted; the median.
std::optional<double> grid_of_vit_base(BenchmarkContext& context) {
  auto maps = std::make_shared<MapTable>();
  maps->rows = maps->columns = 12;
  maps->grid = 14;
  maps->values.resize(12 * 12 * maps->map_size());
  for (std::size_t i = 0; i < maps->values.size(); ++i) maps->values[i] = static_cast<float>(i * 37 % 101) / 101;
  MapGrid grid(context.session.theme(), QStringLiteral("layer"), QStringLiteral("head"));
  grid.resize(900, 800);
  std::vector<double> times;
  for (int i = 0; i < kRepeats; ++i) {
    QElapsedTimer timer;
    timer.start();
    grid.set_maps(maps, i % 2 ? std::optional(MapScale::magnitude(1)) : std::nullopt, false);
    grid.grab();
    times.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
  }
  std::nth_element(times.begin(), times.begin() + kRepeats / 2, times.end());
  return times[kRepeats / 2];
}

const bool registered = add_benchmark("attention_grid_12x12_ms", grid_of_vit_base);

}  // namespace
}  // namespace mimir
