#pragma once

#include <QImage>
#include <QString>
#include <memory>
#include <optional>
#include <vector>

#include "core/store/worker_protocol.h"

namespace mimir {

/// An answer of the worker's kind `reconstruct` about one image, checked. A value that shares the answer's arrays.
class ReconstructionAnswer {
 public:
  /// `input` error with one sentence if a tensor is missing or not of its shape.
  static Expected<ReconstructionAnswer> read(std::shared_ptr<const WorkerAnswer> answer);

  int grid() const { return grid_; }
  int side() const { return side_; }
  const std::vector<bool>& removed() const { return removed_; }
  const WorkerAnswer& answer() const { return *answer_; }
  bool attacked() const;
  /// Whether true patch statistics were needed to show normalised patches.
  bool uses_true_statistics() const;
  QString image_words() const;  ///< "frog, image 12"
  QString checkpoint_words() const;  ///< "Pre-training, step 248"
  QString run() const;               ///< the checkpoint's; empty: of none that is known
  /// A number of the image's result: psnr_masked, ssim_masked, error_masked, error_visible, attack_gain.
  std::optional<double> number(const char* key) const;

  QImage clean() const;
  QImage input() const;
  /// With `pasted` the input's patches that are not `removed` stand over the prediction.
  QImage output(bool pasted, const std::vector<bool>& removed) const;
  /// |reconstruction − clean|, mean over channels, [side * side].
  const std::vector<float>& error() const { return error_; }

 private:
  std::shared_ptr<const WorkerAnswer> answer_;
  int grid_ = 0, side_ = 0;
  std::vector<bool> removed_;
  std::vector<float> error_;
};

}  // namespace mimir
