#pragma once

#include <QString>
#include <QStringList>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/store/worker_protocol.h"
#include "widgets/image/map_grid.h"

namespace mimir {

enum class AttentionKind { attention, rollout, gradient_rollout, relevance, similarity };
enum class Side { clean, adversarial, difference };  ///< difference: adversarial − clean

/// Which map of an answer.
struct MapQuery {
  static constexpr int kClassToken = -1;
  static constexpr int kMean = -2;  ///< over the patches

  AttentionKind kind = AttentionKind::attention;
  int layer = 0;
  int head = 0;
  int from = kMean;  ///< a patch, or one of the above; attention, rollout and similarity take it
  double mass = 1;   ///< share of the map that the kept patches hold together
  bool operator==(const MapQuery&) const = default;
};

/// What one picture is answered with, as the panel shows it.
struct Answered {
  QString name;  ///< of the predicted class; empty: the model classifies nothing
  double probability = 0;
  bool right = false;
  bool known = false;  ///< whether the true class is
};

/// An answer of the worker's kind `attend`, checked, with every map that can be had from it without another question.
/// docs/WORKER.md has the names. A value that shares the answer's arrays.
class AttentionMaps {
 public:
  /// `input` error with one sentence if a tensor is missing or not of its shape.
  static Expected<AttentionMaps> read(std::shared_ptr<const WorkerAnswer> answer);

  int layers() const { return layers_; }
  int heads() const { return heads_; }
  int grid() const { return grid_; }
  bool attacked() const { return attacked_; }
  bool classifies() const { return classifies_; }
  /// Whether the model reads its answer from the class token; else from the mean of the patches.
  bool class_token() const { return class_token_; }
  const WorkerAnswer& answer() const { return *answer_; }
  const QStringList& classes() const { return classes_; }
  QString class_name(std::int64_t index) const;

  /// [grid * grid]; empty where that side or kind is not there. Patches that `mass` leaves out are NaN.
  std::vector<float> map(const MapQuery& query, Side side) const;
  /// Of every layer and head; of every layer where the kind knows no heads (similarity). Rollout, gradient rollout and relevance
  /// are no maps of a layer: attention stands for them.
  std::shared_ptr<const MapTable> table(const MapQuery& query, Side side) const;
  /// What the query sends to the class token; none for kinds that have no such number.
  std::optional<double> to_class_token(const MapQuery& query, Side side) const;

  const Array* picture(Side side) const;
  Answered answered(Side side) const;
  /// What the final head makes of a layer's tokens.
  Answered answered_at(int layer, Side side) const;

  /// Of clean and adversarial attention: "divergence", "distance", "frobenius" or "cosine" [layers, heads]; "cka" [layers].
  /// Empty without an attacked image.
  std::span<const float> distance(const char* name) const;

 private:
  const Array* find(const std::string& name, std::vector<std::int64_t> shape) const;
  std::span<const float> values(const std::string& name) const;
  /// Row `from` of a [tokens, tokens] matrix, without its first entry.
  std::vector<float> row(std::span<const float> matrix, int from) const;
  std::vector<float> raw(const MapQuery& query, bool adversarial) const;

  std::shared_ptr<const WorkerAnswer> answer_;
  int layers_ = 0, heads_ = 0, tokens_ = 0, grid_ = 0;
  bool attacked_ = false, classifies_ = false, class_token_ = false;
  QStringList classes_;
};

}  // namespace mimir
