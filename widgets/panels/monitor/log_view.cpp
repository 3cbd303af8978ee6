#include "widgets/panels/monitor/log_view.h"

#include <QFile>
#include <QGuiApplication>
#include <QRegularExpression>
#include <QScrollBar>

namespace mimir {
namespace {

constexpr qint64 kAtOnce = 64 * 1024;
constexpr int kLines = 2000;

/// "2026-11-25 19:12:31.456 +0000  info     stage pretrain: finished" -> "19:12:31  stage pretrain: finished"; a level
/// that is not info stays. Other lines stay as they are.
QString shortened(const QString& text) {
  static const QRegularExpression line(QStringLiteral("^\\d{4}-\\d\\d-\\d\\d (\\d\\d:\\d\\d:\\d\\d)\\S* \\S+\\s+(?:info\\s+)?"), QRegularExpression::MultilineOption);
  return QString(text).replace(line, QStringLiteral("\\1  "));
}

}  // namespace

LogView::LogView(Theme& theme, QWidget* parent) : QPlainTextEdit(parent) {
  setReadOnly(true);
  setMaximumBlockCount(kLines);
  setLineWrapMode(QPlainTextEdit::WidgetWidth);
  setAccessibleName(tr("Log"));
  setPlaceholderText(tr("The run has written no log yet."));
  setProperty("kind", QStringLiteral("log"));
  setFont(theme.font(font::kCaptionNumber));
  const auto dress = [this, &theme] {
    QPalette quiet = QGuiApplication::palette();
    quiet.setColor(QPalette::Text, Theme::colour(theme.tokens().text2));
    setPalette(quiet);
  };
  dress();
  connect(&theme, &Theme::changed, this, dress);
}

void LogView::follow(const std::filesystem::path& file) {
  if (file == file_) return;
  file_ = file;
  read_ = 0;
  clear();
  read_on();
}

bool LogView::follows() const { return verticalScrollBar()->value() >= verticalScrollBar()->maximum() - 2; }

void LogView::read_on() {
  if (file_.empty()) return;
  QFile file(QString::fromStdString(file_.string()));
  if (!file.open(QIODevice::ReadOnly)) return;
  if (file.size() < read_) {  // replaced by a shorter one
    read_ = 0;
    clear();
  }
  qint64 from = read_;
  if (file.size() - from > kAtOnce) from = file.size() - kAtOnce;
  file.seek(from);
  QByteArray bytes = file.read(kAtOnce);
  const qsizetype end = bytes.lastIndexOf('\n');
  if (end < 0) return;
  read_ = from + end + 1;
  bytes.truncate(end);
  if (from > 0 && document()->isEmpty()) bytes.remove(0, bytes.indexOf('\n') + 1);  // a line that was cut
  const bool follow = follows();
  appendPlainText(shortened(QString::fromUtf8(bytes)));
  if (follow) verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

}  // namespace mimir
