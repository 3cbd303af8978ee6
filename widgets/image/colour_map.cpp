#include "widgets/image/colour_map.h"

#include <QImage>
#include <algorithm>

namespace mimir {

ColourMap::ColourMap(const char* name) {
  const QImage image(QStringLiteral(":/maps/%1.png").arg(QLatin1String(name)));
  Q_ASSERT(image.width() == 256);
  for (int i = 0; i < 256; ++i) table_[static_cast<std::size_t>(i)] = image.pixel(i, 0);
}

const ColourMap& ColourMap::viridis() {
  static const ColourMap map("viridis");
  return map;
}

const ColourMap& ColourMap::magma() {
  static const ColourMap map("magma");
  return map;
}

QRgb ColourMap::at(double share) const {
  const double position = share > 0 ? std::min(share, 1.0) * 255 : 0;
  return table_[static_cast<std::size_t>(position + 0.5)];
}

}  // namespace mimir
