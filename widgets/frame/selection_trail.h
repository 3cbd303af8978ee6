#pragma once

#include <QString>
#include <cstddef>
#include <optional>
#include <vector>

namespace mimir {

/// What was looked at, one after the other, as a browser keeps pages: a new step forgets what lay ahead. 100 at most.
class SelectionTrail {
 public:
  struct Step {
    QString place;
    QString run;
    bool operator==(const Step&) const = default;
  };
  static constexpr std::size_t kAtMost = 100;

  /// The same as where one stands changes nothing.
  void note(const Step& step) {
    if (!steps_.empty() && steps_[at_] == step) return;
    if (!steps_.empty()) steps_.resize(at_ + 1);
    steps_.push_back(step);
    if (steps_.size() > kAtMost) steps_.erase(steps_.begin());
    at_ = steps_.size() - 1;
  }
  bool can_go(int by) const { return by < 0 ? at_ > 0 : at_ + 1 < steps_.size(); }
  /// by -1: back, 1: forward; none at the end.
  std::optional<Step> go(int by) {
    if (!can_go(by)) return std::nullopt;
    at_ = by < 0 ? at_ - 1 : at_ + 1;
    return steps_[at_];
  }

 private:
  std::vector<Step> steps_;
  std::size_t at_ = 0;
};

}  // namespace mimir
