#pragma once

#include <QByteArray>
#include <QSize>
#include <QString>

#include "core/base/error.h"

namespace mimir {

class MetricPlot;
struct PlotData;

enum class PlotFormat { svg, pdf, png, csv };

struct PlotExport {
  PlotFormat format = PlotFormat::svg;
  QSize size{640, 400};  ///< px at 96 dpi
  int png_scale = 2;     ///< device pixels per px: 1, 2 or 4
  int font_size = 11;    ///< px, of the legend; ticks and titles keep their proportion
  bool dark = false;     ///< the ground
  bool title = true;
  bool legend = true;
  bool thinned = false;  ///< vector formats: leave out what cannot be told apart at this size
};

/// The plot as it is zoomed and scaled now, drawn anew. CSV has no picture: plot_csv. UI thread; blocks.
QByteArray render_plot(const MetricPlot& plot, const PlotExport& options);

/// Every raw point of the visible runs, one a line: run, measured (plain, clean, adversarial), segment, step, time (seconds
/// since 1970), value ("nan", "inf", "-inf" where it is not finite), replaced (1: by a resume). Decimal dots.
QByteArray plot_csv(const PlotData& data);

/// `storage` if the file cannot be written; an older file stays as it was then.
Expected<void> write_plot(const MetricPlot& plot, const QString& path, const PlotExport& options);

}  // namespace mimir
