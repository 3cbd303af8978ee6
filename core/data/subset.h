#pragma once

#include <cstdint>
#include <memory>

#include "core/base/draws.h"
#include "core/data/dataset.h"

namespace mimir {

/// `count` pictures of the split, as evenly over the classes as these allow: the first of each class; 0, or more than
/// there are, takes all. (The pictures of a folder stand class by class, so the first n of the split would not do.)
std::shared_ptr<const Split> take_balanced(const Split& split, std::int64_t count);

struct HeldOut {
  std::shared_ptr<const Split> rest;
  std::shared_ptr<const Split> held;
};

/// Holds `count` pictures out for validation, drawn by the seed (Purpose::split), as evenly over the classes as these
/// allow. At most half of each class is held out, so a small set keeps pictures to train on: held->size() says how
/// many there are. 0 holds out none.
HeldOut hold_out(const Split& split, std::int64_t count, const Draws& draws);

}  // namespace mimir
