#pragma once

#include <QImage>
#include <QString>
#include <optional>
#include <span>
#include <vector>

#include "widgets/session/worker.h"

namespace mimir {

class ColourMap;

/// One walk of an attack on one picture. The spans lie in `owner`'s arrays. Copies are cheap.
struct AttackPath {
  Worker::Answer owner;
  std::int64_t channels = 0;
  std::int64_t side = 0;
  double epsilon = 0;
  double asked_epsilon = 0;                             ///< what a given step size was meant for: a sweep scales it with the radius
  bool linf = true;
  int label = 0;                                        ///< what the attack starts from
  std::optional<int> target;                            ///< the class it aims at
  std::span<const float> clean;                         ///< [C, S, S]
  std::vector<std::span<const float>> iterates;         ///< the start point first
  std::vector<float> loss, margin;                      ///< of each iterate; margin: largest other logit minus the label's
  std::vector<std::vector<float>> probabilities;        ///< of each iterate, of all classes; empty where they are not known

  int last() const { return static_cast<int>(iterates.size()) - 1; }
  /// The class an iterate is taken for; none where only its margin is known and it is wrong.
  std::optional<int> prediction(int step) const;
  bool succeeded(int step) const;
  /// The first iterate at which it succeeds.
  std::optional<int> first_flip() const;
};

/// How far an iterate is from the clean picture.
struct Distance {
  double linf = 0;
  double l2 = 0;
  double changed = 0;   ///< share of values that differ
  double at_bound = 0;  ///< share of values at the L-infinity bound; 0 for other norms
};
Distance distance(const AttackPath& path, int step);

/// The final answer to one question of the kind `attack` with trajectory, about one picture.
struct AttackResult {
  Worker::Answer answer;
  std::vector<AttackPath> restarts;
  int best = 0;                       ///< the restart that was kept
  std::optional<AttackPath> branch;   ///< its iterate 0 is the branch_step-th of the best restart
  int branch_step = 0;
  std::vector<float> clean_probabilities;
  std::vector<float> transfer_clean, transfer_adversarial;  ///< probabilities of the second model; empty: none
  std::vector<QString> classes;

  /// "cat", or "class 3".
  QString class_name(int index) const;
  const nlohmann::json& json() const { return answer->result; }
  /// The facts about the picture.
  const nlohmann::json& image() const { return answer->result.at("images").at(0); }
  /// Whether the label is the picture's true class; of a picture of one's own it is what the model answers.
  bool label_known() const {
    const auto label = image().find("label");
    return label != image().end() && label->is_number_integer();
  }
};

/// `defect` error that names what the answer lacks.
Expected<std::shared_ptr<const AttackResult>> read_attack(const Worker::Answer& answer);
/// A part `better` of its sweep, asked for with the radius `asked_epsilon`: the walk at another radius. `of` may be another answer to the same question.
Expected<AttackPath> read_radius(const Worker::Answer& part, const AttackPath& of, double asked_epsilon);

/// values [C, S, S] in [0, 1].
QImage image_of(std::span<const float> values, std::int64_t channels, std::int64_t side);
/// The iterate minus the clean picture, of one channel or (-1) the mean over them; `bound` and more is the end of the scale.
QImage perturbation_of(const AttackPath& path, int step, int channel, double bound, const ColourMap& colours);
/// The end of that scale: epsilon, or the largest change of the last iterate where the norm bounds no single value.
double perturbation_bound(const AttackPath& path);
/// [S, S, C] in 0 to 255, rounded towards the clean picture, so that it stays inside the ball.
std::vector<std::uint8_t> rounded_towards_clean(const AttackPath& path, int step);

std::vector<float> softmax(std::span<const float> logits);

}  // namespace mimir
