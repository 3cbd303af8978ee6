#include "widgets/panels/reconstruction/probe.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>
#include <algorithm>
#include <cmath>

#include "core/store/safetensors.h"
#include "widgets/format.h"
#include "widgets/image/colour_map.h"

namespace mimir {
namespace {

constexpr std::size_t kKept = 32;

/// [N, C, H, W] uint8, C of 1 or 3.
std::vector<QImage> pictures_of(const Array& array) {
  const int count = static_cast<int>(array.shape[0]), channels = static_cast<int>(array.shape[1]);
  const int height = static_cast<int>(array.shape[2]), width = static_cast<int>(array.shape[3]);
  const auto values = array.as<std::uint8_t>();
  std::vector<QImage> pictures;
  for (int n = 0; n < count; ++n) {
    QImage picture(width, height, QImage::Format_RGB32);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const auto at = [&](int channel) { return values[static_cast<std::size_t>(((n * channels + channel) * height + y) * width + x)]; };
        picture.setPixel(x, y, channels == 3 ? qRgb(at(0), at(1), at(2)) : qRgb(at(0), at(0), at(0)));
      }
    }
    pictures.push_back(picture);
  }
  return pictures;
}

double difference(QRgb a, QRgb b) {
  return (std::abs(qRed(a) - qRed(b)) + std::abs(qGreen(a) - qGreen(b)) + std::abs(qBlue(a) - qBlue(b))) / (3 * 255.0);
}

}  // namespace

QImage ProbeBatch::error_map(int i, double scale) const {
  const QImage& a = clean[static_cast<std::size_t>(i)];
  const QImage& b = reconstruction[static_cast<std::size_t>(i)];
  QImage map(a.size(), QImage::Format_RGB32);
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) map.setPixel(x, y, ColourMap::magma().at(difference(a.pixel(x, y), b.pixel(x, y)) / scale));
  }
  return map;
}

double ProbeBatch::largest_error(int i) const {
  const QImage& a = clean[static_cast<std::size_t>(i)];
  const QImage& b = reconstruction[static_cast<std::size_t>(i)];
  double largest = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) largest = std::max(largest, difference(a.pixel(x, y), b.pixel(x, y)));
  }
  return largest;
}

double ProbeBatch::removed_squared_error(int i) const {
  const auto index = static_cast<std::size_t>(i);
  const QImage &a = clean[index], &b = reconstruction[index];
  const int side = a.width() / grid;
  double sum = 0;
  int count = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) {
      if (!removed[index][static_cast<std::size_t>(y / side * grid + x / side)]) continue;
      const QRgb p = a.pixel(x, y), q = b.pixel(x, y);
      for (const int d : {qRed(p) - qRed(q), qGreen(p) - qGreen(q), qBlue(p) - qBlue(q)}) sum += d * d / (255.0 * 255.0);
      count += 3;
    }
  }
  return count ? sum / count : 0;
}

QImage ProbeBatch::pasted(int i) const {
  const auto index = static_cast<std::size_t>(i);
  QImage result = reconstruction[index];
  const int side = result.width() / grid;
  for (int y = 0; y < result.height(); ++y) {
    for (int x = 0; x < result.width(); ++x) {
      if (!removed[index][static_cast<std::size_t>(y / side * grid + x / side)]) result.setPixel(x, y, clean[index].pixel(x, y));
    }
  }
  return result;
}

Expected<ProbeBatch> read_probe(const std::filesystem::path& file, std::int64_t step) {
  auto document = read_safetensors(file);
  if (!document) return pass_on(document);
  const auto layout = [&] { return fail(ErrorCode::input, "{} is not a probe batch", file.string()); };
  const auto find = [&](const char* name, Dtype dtype, std::size_t dims) {
    const Array* array = document->find(name);
    return array && array->dtype == dtype && array->shape.size() == dims ? array : nullptr;
  };
  const Array* clean = find("clean", Dtype::u8, 4);
  const Array* input = find("input", Dtype::u8, 4);
  const Array* reconstruction = find("reconstruction", Dtype::u8, 4);
  const Array* mask = document->find("mask");
  const Array* masked = find("error_masked", Dtype::f32, 1);
  const Array* visible = find("error_visible", Dtype::f32, 1);
  if (!clean || !input || !reconstruction || !mask || !masked || !visible) return layout();
  const auto& shape = clean->shape;
  if (input->shape != shape || reconstruction->shape != shape || (shape[1] != 1 && shape[1] != 3) || shape[2] != shape[3] || shape[0] < 1 ||
      shape[2] < 1 || mask->shape.size() != 2 || mask->shape[0] != shape[0] || masked->shape[0] != shape[0] || visible->shape[0] != shape[0]) {
    return layout();
  }
  ProbeBatch batch;
  batch.step = step;
  batch.grid = static_cast<int>(std::lround(std::sqrt(static_cast<double>(mask->shape[1]))));
  if (static_cast<std::int64_t>(batch.grid) * batch.grid != mask->shape[1] || batch.grid < 1 || shape[2] % batch.grid != 0) return layout();
  batch.clean = pictures_of(*clean);
  batch.input = pictures_of(*input);
  batch.reconstruction = pictures_of(*reconstruction);
  const std::int64_t patches = mask->shape[1];
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    std::vector<bool> row;
    for (std::int64_t i = 0; i < patches; ++i) {
      const auto at = static_cast<std::size_t>(n * patches + i);
      if (mask->dtype == Dtype::f32) row.push_back(mask->as<float>()[at] != 0);
      else if (dtype_size(mask->dtype) == 1) row.push_back(mask->as<std::uint8_t>()[at] != 0);
      else return layout();
    }
    batch.removed.push_back(std::move(row));
    batch.error_masked.push_back(masked->as<float>()[static_cast<std::size_t>(n)]);
    batch.error_visible.push_back(visible->as<float>()[static_cast<std::size_t>(n)]);
  }
  return batch;
}

std::shared_ptr<const ProbeBatch> ProbeStore::get(const std::filesystem::path& file, std::int64_t step) {
  if (const auto found = kept_.find(file); found != kept_.end()) return found->second;
  kept_[file] = nullptr;
  order_.push_back(file);
  if (order_.size() > kKept) {
    kept_.erase(order_.front());
    order_.erase(order_.begin());
  }
  QThreadPool::globalInstance()->start([guard = QPointer<ProbeStore>(this), file, step] {
    auto batch = read_probe(file, step);
    QMetaObject::invokeMethod(QCoreApplication::instance(), [guard, file, step, batch = std::move(batch)]() mutable {
      if (!guard) return;
      const auto waiting = guard->kept_.find(file);
      if (waiting == guard->kept_.end()) return;  // given up meanwhile
      if (batch) {
        waiting->second = std::make_shared<const ProbeBatch>(std::move(*batch));
        Q_EMIT guard->ready(step);
        return;
      }
      guard->kept_.erase(waiting);
      std::erase(guard->order_, file);
      Q_EMIT guard->failed(sentence_text(batch.error().message));
    });
  });
  return nullptr;
}

}  // namespace mimir
