#pragma once

#include <QString>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "widgets/session/run_library.h"

namespace mimir {

/// As people call it: the name they gave, else the folder's.
QString run_name(const RunEntry& run);
/// What an answer of the worker's is about: "full2 · Fine-tuning, step 354"; a file of weights by its name.
QString model_words(const nlohmann::json& result, const RunLibrary& library);
/// The parameter that one would change after how it ended: the learning rate of a stage that diverged; else empty.
QString parameter_to_change(const RunEntry& run);
/// Of the stage at work, 0 to 1; none before its first step.
std::optional<double> stage_share(const RunEntry& run);
/// The run that is at work; of several the newest. nullptr: none.
const RunEntry* running_run(const std::vector<RunEntry>& runs);
/// By id, a unique beginning of one, a name, or "last". nullptr: none, or several.
const RunEntry* run_called(const std::vector<RunEntry>& runs, const QString& text);
/// Starting, running or paused.
bool at_work(const RunEntry& run);

}  // namespace mimir
