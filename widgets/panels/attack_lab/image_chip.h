#pragma once

#include <QImage>
#include <QPushButton>

#include "widgets/session/session.h"

namespace mimir {

class ImageBrowser;

/// Which picture is looked at; its menu chooses another one or another split, or opens a file.
class ImageChip : public QPushButton {
  Q_OBJECT

 public:
  ImageChip(Session& session, ImageBrowser& browser, QWidget* parent = nullptr);
  /// What the picture of a question looks like and of which class it is, for when the browser's page does not have it.
  void show_known(const nlohmann::json& question, const QImage& picture, const QString& name);

 private:
  void refresh();
  void open_file();

  Session* session_;
  ImageBrowser* browser_;
  nlohmann::json known_;  ///< run, split and image
  QImage known_picture_;
  QString known_name_;
};

}  // namespace mimir
