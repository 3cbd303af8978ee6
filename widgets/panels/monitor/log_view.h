#pragma once

#include <QPlainTextEdit>
#include <filesystem>

#include "widgets/theme/theme.h"

namespace mimir {

/// The newest end of a run's log.txt, followed while it stands at the end; scrolling up stops following. Reads at most
/// 64 KiB at a time.
class LogView : public QPlainTextEdit {
  Q_OBJECT

 public:
  explicit LogView(Theme& theme, QWidget* parent = nullptr);

  /// Another file, or none.
  void follow(const std::filesystem::path& file);
  /// Appends what has come since.
  void read_on();
  bool follows() const;

 private:
  std::filesystem::path file_;
  qint64 read_ = 0;
};

}  // namespace mimir
