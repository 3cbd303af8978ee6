#pragma once

#include <QString>

#include "app/workbench/options.h"

namespace mimir {

class MainWindow;
class Session;

/// Waits until the session has read the workspace and, where a run is selected, its record; paints the window and
/// writes it with exactly options.size. Returns the exit code; says on stderr what went wrong.
int write_screenshot(MainWindow& window, Session& session, const Options& options);

/// Until the window is ready, 20 s at most; false if it is not.
bool wait_until_ready(MainWindow& window, Session& session);

}  // namespace mimir
