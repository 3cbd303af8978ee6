#include "widgets/panels/attack_lab/image_chip.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>

#include "widgets/image/image_browser.h"
#include "widgets/session/session.h"
#include "widgets/theme/icon.h"

namespace mimir {

ImageChip::ImageChip(Session& session, ImageBrowser& browser, QWidget* parent) : QPushButton(parent), session_(&session), browser_(&browser) {
  setIconSize({20, 20});
  setAutoDefault(false);
  setToolTip(tr("Choose another image ([ and ]), or drop a picture"));
  auto* menu = new QMenu(this);
  connect(menu->addAction(tr("Open a picture…")), &QAction::triggered, this, &ImageChip::open_file);
  menu->addSeparator();
  for (const auto& [split, words] : {std::pair(QStringLiteral("test"), tr("Test split")), std::pair(QStringLiteral("train"), tr("Training split"))}) {
    connect(menu->addAction(words), &QAction::triggered, this, [this, split = split] { session_->select_image({split, 0, {}}); });
  }
  menu->addSeparator();
  connect(menu->addAction(tr("Previous image ([)")), &QAction::triggered, this, [this] { browser_->step(-1); });
  connect(menu->addAction(tr("Next image (])")), &QAction::triggered, this, [this] { browser_->step(1); });
  setMenu(menu);
  connect(&session, &Session::image_selected, this, &ImageChip::refresh);
  connect(&browser, &ImageBrowser::page_changed, this, &ImageChip::refresh);
  refresh();
}

void ImageChip::refresh() {
  const ImageChoice& image = session_->image();
  const QString name = !image.file.isEmpty() ? QFileInfo(image.file).fileName() : browser_->selected_name();
  const QString text = !image.file.isEmpty() ? name : tr("%1 %2").arg(name.isEmpty() ? tr("image") : name, QString::number(image.index).rightJustified(4, QLatin1Char('0')));
  setText(QLatin1Char(' ') + text + QLatin1Char(' '));
  setAccessibleName(tr("Image: %1, choose another").arg(text));
  const QImage picture = browser_->selected_thumbnail();
  setIcon(picture.isNull() ? mimir::icon(session_->theme(), QLatin1String("image")) : QIcon(QPixmap::fromImage(picture.scaled(40, 40))));
}

void ImageChip::open_file() {
  const QString file = QFileDialog::getOpenFileName(this, tr("Open a picture"), {}, tr("Pictures (*.png *.jpg *.jpeg)"));
  if (!file.isEmpty()) session_->select_image({session_->image().split, 0, file});
}

}  // namespace mimir
