#include "core/data/subset.h"

#include <algorithm>
#include <vector>

namespace mimir {
namespace {

using Ids = std::vector<std::int64_t>;

std::vector<Ids> by_class(const Split& split) {
  std::vector<Ids> groups(split.classes().size());
  for (const std::int64_t id : split.ids()) groups[static_cast<std::size_t>(split.label(id))].push_back(id);
  return groups;
}

/// `count` ids, one of each group in turn from its front; ascending.
Ids deal(const std::vector<Ids>& groups, std::size_t count) {
  Ids taken;
  std::size_t longest = 0;
  for (const Ids& group : groups) longest = std::max(longest, group.size());
  for (std::size_t round = 0; round < longest && taken.size() < count; ++round) {
    for (const Ids& group : groups) {
      if (round < group.size() && taken.size() < count) taken.push_back(group[round]);
    }
  }
  std::sort(taken.begin(), taken.end());
  return taken;
}

}  // namespace

std::shared_ptr<const Split> take_balanced(const Split& split, std::int64_t count) {
  if (count <= 0 || count >= split.size()) return split.part({split.ids().begin(), split.ids().end()});
  return split.part(deal(by_class(split), static_cast<std::size_t>(count)));
}

HeldOut hold_out(const Split& split, std::int64_t count, const Draws& draws) {
  auto groups = by_class(split);
  for (Ids& group : groups) {
    std::vector<float> drawn(group.size());
    draws.uniform({Purpose::split}, group, drawn);
    std::vector<std::pair<float, std::int64_t>> ranked(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) ranked[i] = {drawn[i], group[i]};
    std::sort(ranked.begin(), ranked.end());
    ranked.resize(ranked.size() / 2);
    group.clear();
    for (const auto& [rank, id] : ranked) group.push_back(id);
  }
  Ids held = deal(groups, static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  Ids rest;
  std::set_difference(split.ids().begin(), split.ids().end(), held.begin(), held.end(), std::back_inserter(rest));
  return {split.part(std::move(rest)), split.part(std::move(held))};
}

}  // namespace mimir
