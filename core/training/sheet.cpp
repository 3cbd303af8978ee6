#include "core/training/sheet.h"

#ifdef MIMIR_WITH_OPENCV
#include <opencv2/imgproc.hpp>
#endif

#include <torch/torch.h>

#include <algorithm>

#include "core/store/media.h"

namespace mimir {

#ifdef MIMIR_WITH_OPENCV

namespace {

constexpr int kSheetImages = 8;
constexpr int kGap = 4;
constexpr int kTitle = 20;   ///< height of the line of titles, pixels
constexpr int kSide = 112;   ///< of a small picture on the sheet, about; enlarged by whole pixels

cv::Mat to_mat(const at::Tensor& picture) {  // [1 or 3, H, W] -> H x W, three channels
  const at::Tensor pixels = picture.expand({3, -1, -1}).permute({1, 2, 0}).contiguous();
  return cv::Mat(static_cast<int>(pixels.size(0)), static_cast<int>(pixels.size(1)), CV_8UC3, pixels.data_ptr()).clone();
}

}  // namespace

Expected<bool> write_sheet(const std::filesystem::path& path, const std::vector<SheetColumn>& columns) {
  const at::Tensor& first = columns.front().pictures;
  const int count = std::min(kSheetImages, static_cast<int>(first.size(0)));
  const int side = static_cast<int>(first.size(2)) * std::max(1, kSide / static_cast<int>(first.size(2)));
  const int width = static_cast<int>(columns.size()) * (side + kGap) + kGap, height = kTitle + count * (side + kGap);
  cv::Mat sheet(height, width, CV_8UC3, cv::Scalar::all(255));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const int left = kGap + static_cast<int>(c) * (side + kGap);
    cv::putText(sheet, columns[c].title, {left, kTitle - 6}, cv::FONT_HERSHEY_SIMPLEX, 0.4, cv::Scalar::all(60), 1, cv::LINE_AA);
    for (int i = 0; i < count; ++i) {
      cv::resize(to_mat(columns[c].pictures[i]), sheet(cv::Rect(left, kTitle + i * (side + kGap), side, side)), {side, side}, 0, 0, cv::INTER_NEAREST);
    }
  }
  auto written = write_png(path, sheet.cols, sheet.rows, 3, {sheet.data, sheet.total() * sheet.elemSize()});
  if (!written) return pass_on(written);
  return true;
}

#else

Expected<bool> write_sheet(const std::filesystem::path&, const std::vector<SheetColumn>&) { return false; }

#endif

}  // namespace mimir
