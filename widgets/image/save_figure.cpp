#include "widgets/image/save_figure.h"

#include <QCoreApplication>
#include <QFileDialog>

#include "widgets/format.h"
#include "widgets/image/figure_file.h"
#include "widgets/session/session.h"

namespace mimir {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("mimir::SaveFigure", text); }

}  // namespace

void save_figure(QWidget* parent, Session& session, const Expected<Figure>& figure, const QString& name) {
  if (!figure) return session.say(sentence_text(figure.error().message));
  const QString path = QFileDialog::getSaveFileName(parent, tr("Save picture"), name + QStringLiteral(".svg"), tr("SVG (*.svg);;PDF (*.pdf);;PNG (*.png)"));
  if (path.isEmpty()) return;
  const auto written = write_figure(path, *figure);
  session.say(written ? tr("%1 has been written.").arg(path) : sentence_text(written.error().message));
}

}  // namespace mimir
