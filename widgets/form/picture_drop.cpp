#include "widgets/form/picture_drop.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QMimeData>
#include <QUrl>
#include <QWidget>

#include "widgets/session/session.h"

namespace mimir {
namespace {

/// The first picture among what is dragged; empty: there is none.
QString picture_in(const QMimeData* data) {
  for (const QUrl& url : data ? data->urls() : QList<QUrl>()) {
    const QString path = url.toLocalFile();
    for (const char* ending : {".png", ".jpg", ".jpeg"}) {
      if (path.endsWith(QLatin1String(ending), Qt::CaseInsensitive)) return path;
    }
  }
  return {};
}

class PictureDrop : public QObject {
 public:
  PictureDrop(QWidget& target, Session& session) : QObject(&target), session_(&session) {}
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() != QEvent::DragEnter && event->type() != QEvent::Drop) return false;
    auto* drop = static_cast<QDropEvent*>(event);
    const QString path = picture_in(drop->mimeData());
    if (path.isEmpty()) return false;
    drop->acceptProposedAction();
    if (event->type() == QEvent::Drop) {
      ImageChoice image = session_->image();
      image.file = path;
      session_->select_image(image);
    }
    return true;
  }

 private:
  Session* session_;
};

}  // namespace

void accept_pictures(QWidget& target, Session& session) {
  target.setAcceptDrops(true);
  target.installEventFilter(new PictureDrop(target, session));
}

}  // namespace mimir
