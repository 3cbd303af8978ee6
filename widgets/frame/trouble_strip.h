#pragma once

#include <QString>
#include <optional>

#include "widgets/session/run_library.h"
#include "widgets/theme/status.h"

namespace mimir {

/// Something that stands above the place as long as it is so.
struct Trouble {
  Tone tone = Tone::warning;
  QString text;
};

/// What is wrong with the workspace or with the run that is looked at, the worst first; none: nothing. `run` may be
/// nullptr although `selected` names one: then its folder is gone. `now`: seconds since 1970.
std::optional<Trouble> trouble_of(const QString& workspace, const WorkspaceHealth& health, const QString& selected, const RunEntry* run, double now);

}  // namespace mimir
