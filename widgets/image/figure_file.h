#pragma once

#include <QString>

#include "core/base/error.h"
#include "core/figure/figure.h"

namespace mimir {

/// The figure as SVG, as PDF (text stays text) or as PNG of two device pixels a pixel, by the ending of `path`. UI thread.
/// `usage` error for another ending, `storage` if the file cannot be written; an older file stays as it was then.
Expected<void> write_figure(const QString& path, const Figure& figure);

}  // namespace mimir
