#include "widgets/panels/reconstruction/probe_images.h"

#include <QSignalBlocker>

#include "widgets/format.h"

namespace mimir {
namespace {

constexpr int kThumbnail = 48;

}  // namespace

ProbeImages::ProbeImages(Theme& theme, QWidget* parent) : QListWidget(parent) {
  setAccessibleName(tr("Images of the batch"));
  setViewMode(QListView::IconMode);
  setFlow(QListView::LeftToRight);
  setWrapping(false);
  setMovement(QListView::Static);
  setResizeMode(QListView::Adjust);
  setUniformItemSizes(true);
  setIconSize(QSize(kThumbnail, kThumbnail));
  setGridSize(QSize(kThumbnail + 18, kThumbnail + 24));
  setFont(theme.font(font::kCaptionNumber));
  setFrameShape(QFrame::NoFrame);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFixedHeight(kThumbnail + 34);
}

void ProbeImages::show_batch(const ProbeBatch& batch, int current) {
  const QSignalBlocker quiet(this);
  const bool same = count() == batch.count();  // the pictures of a run do not change, their errors do
  if (!same) clear();
  for (int i = 0; i < batch.count(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (!same) {
      const int side = qRound(kThumbnail * devicePixelRatioF());
      QPixmap picture = QPixmap::fromImage(batch.clean[index].scaled(side, side, Qt::IgnoreAspectRatio, Qt::FastTransformation));
      picture.setDevicePixelRatio(devicePixelRatioF());
      QIcon shown(picture);
      shown.addPixmap(picture, QIcon::Selected);  // a chosen picture keeps its colours
      auto* made = new QListWidgetItem(shown, QString(), this);
      made->setTextAlignment(Qt::AlignHCenter);
    }
    const QString error = number_text(batch.error_masked[index], 3);
    item(i)->setText(error);
    item(i)->setData(Qt::AccessibleTextRole, tr("image %1, error %2").arg(i).arg(error));
  }
  setCurrentRow(current);
}

}  // namespace mimir
