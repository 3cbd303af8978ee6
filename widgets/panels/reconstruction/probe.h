#pragma once

#include <QImage>
#include <QObject>
#include <QString>
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "core/base/error.h"

namespace mimir {

/// The fixed batch of a pre-training run at one step, as stored in media/pretrain/<step>-probe.safetensors.
struct ProbeBatch {
  std::int64_t step = 0;
  int grid = 0;  ///< patches a side
  std::vector<QImage> clean, input, reconstruction;
  std::vector<std::vector<bool>> removed;          ///< [N][patches]
  std::vector<double> error_masked, error_visible;  ///< [N] mean squared error

  int count() const { return static_cast<int>(clean.size()); }
  /// |reconstruction - clean|, mean over channels, of image `i`: 0 black to `scale` (of 1) the brightest colour.
  QImage error_map(int i, double scale) const;
  /// The largest value of error_map(), of 1.
  double largest_error(int i) const;
  /// Mean over the removed patches and channels, of pixels in [0, 1].
  double removed_squared_error(int i) const;
  /// The reconstruction with the clean image's visible patches pasted over it.
  QImage pasted(int i) const;
};

/// `input` error that names the file if it is missing, damaged or not of this layout. Any thread.
Expected<ProbeBatch> read_probe(const std::filesystem::path& file, std::int64_t step);

/// Reads probe batches on other threads and keeps the newest 32. Lives on the UI thread.
class ProbeStore : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// nullptr: it is being read, and `ready` or `failed` follows.
  std::shared_ptr<const ProbeBatch> get(const std::filesystem::path& file, std::int64_t step);

 Q_SIGNALS:
  void ready(std::int64_t step);
  void failed(const QString& sentence);

 private:
  std::map<std::filesystem::path, std::shared_ptr<const ProbeBatch>> kept_;  ///< nullptr: being read
  std::vector<std::filesystem::path> order_;
};

}  // namespace mimir
