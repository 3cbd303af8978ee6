#pragma once

#include <QImage>
#include <cstdint>
#include <vector>

#include "core/store/safetensors.h"

namespace mimir {

/// [C, H, W] or, as picture `index`, [N, C, H, W]; C of 1 or 3; uint8, or fp32 in [0, 1], which is clamped and rounded.
/// A null image if the array is not so. Any thread.
QImage picture_of(const Array& array, std::int64_t index = 0);

}  // namespace mimir
