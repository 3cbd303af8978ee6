#pragma once

#include "app/workbench/options.h"

namespace mimir {

class MainWindow;
class Session;

/// Runs every registered benchmark and prints the values. `window_start_ms`: from the start of the process until the
/// window was first painted.
int run_benchmarks(MainWindow& window, Session& session, const Options& options, double window_start_ms);

/// How long this process has been alive, to 10 ms.
double process_age_ms();

}  // namespace mimir
