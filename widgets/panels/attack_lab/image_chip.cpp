#include "widgets/panels/attack_lab/image_chip.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>

#include "widgets/image/image_browser.h"
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
  for (const auto signal : {&Session::run_selected, &Session::checkpoint_selected}) connect(&session, signal, this, &ImageChip::refresh);
  connect(&session, &Session::image_selected, this, &ImageChip::refresh);
  connect(&browser, &ImageBrowser::page_changed, this, &ImageChip::refresh);
  refresh();
}

void ImageChip::show_known(const nlohmann::json& question, const QImage& picture, const QString& name) {
  known_ = nlohmann::json::object();
  for (const char* key : {"run", "split", "image"}) known_[key] = question.value(key, std::string());
  known_picture_ = picture;
  known_name_ = name;
  refresh();
}

void ImageChip::refresh() {
  const ImageChoice& image = session_->image();
  QString name = !image.file.isEmpty() ? QFileInfo(image.file).fileName() : browser_->selected_name();
  const bool known = known_ == session_->question();
  if (name.isEmpty() && known) name = known_name_;
  const QString text = !image.file.isEmpty() ? name : tr("%1 %2").arg(name.isEmpty() ? tr("image") : name, QString::number(image.index).rightJustified(4, QLatin1Char('0')));
  setText(QLatin1Char(' ') + text + QLatin1Char(' '));
  setAccessibleName(tr("Image: %1, choose another").arg(text));
  QImage picture = browser_->selected_thumbnail();
  if (picture.isNull() && known) picture = known_picture_;
  setIcon(picture.isNull() ? mimir::icon(session_->theme(), QLatin1String("image")) : QIcon(QPixmap::fromImage(picture.scaled(40, 40))));
}

void ImageChip::open_file() {
  const QString file = QFileDialog::getOpenFileName(this, tr("Open a picture"), {}, tr("Pictures (*.png *.jpg *.jpeg)"));
  if (!file.isEmpty()) session_->select_image({session_->image().split, 0, file});
}

}  // namespace mimir
