#pragma once

#include <QSize>
#include <QString>
#include <optional>
#include <string>

#include "widgets/theme/theme.h"

namespace mimir {

/// What the command line asks of the window.
struct Options {
  std::string workspace;  ///< empty: the default one
  QString run;
  QString worker;      ///< command that speaks as `mimir serve` does; empty: this machine's
  QString place;
  std::optional<Appearance> appearance;
  QString screenshot;  ///< a place; empty: the window is for people
  QString output;
  QSize size{1600, 1000};
  bool safe_mode = false;
  bool reset_settings = false;
  bool bench = false;
  bool json = false;
};

/// The options, or the code to exit with after help, version or a mistake has been printed.
struct Parsed {
  Options options;
  std::optional<int> exit_code;
};
Parsed parse_options(int argc, char** argv);

}  // namespace mimir
