#pragma once

#include <QListWidget>

#include "widgets/panels/reconstruction/probe.h"
#include "widgets/theme/theme.h"

namespace mimir {

/// All images of a probe batch in one line, the error of the removed patches below each. Its current row is the chosen image.
class ProbeImages : public QListWidget {
  Q_OBJECT

 public:
  explicit ProbeImages(Theme& theme, QWidget* parent = nullptr);

  /// Emits nothing.
  void show_batch(const ProbeBatch& batch, int current);
};

}  // namespace mimir
