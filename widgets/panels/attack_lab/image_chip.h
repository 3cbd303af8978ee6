#pragma once

#include <QPushButton>

namespace mimir {

class ImageBrowser;
class Session;

/// Which picture is looked at; its menu chooses another one or another split, or opens a file.
class ImageChip : public QPushButton {
  Q_OBJECT

 public:
  ImageChip(Session& session, ImageBrowser& browser, QWidget* parent = nullptr);

 private:
  void refresh();
  void open_file();

  Session* session_;
  ImageBrowser* browser_;
};

}  // namespace mimir
