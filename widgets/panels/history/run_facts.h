#pragma once

#include "widgets/panels/history/fact_list.h"
#include "widgets/session/run_library.h"

namespace mimir {

// What the detail of a run says, section by section. Values in, values out.

/// One of the figures at the top.
struct Figure {
  QString title, value, interval;  ///< the last may be empty
};
/// The three that tell most of the run at its stage.
std::vector<Figure> main_figures(const RunEntry& run);

/// The curve that tells most of a run: accuracies, else a loss.
struct CurvePlan {
  QString title, unit;
  std::string metric, adversarial;  ///< `metric` empty: nothing has been recorded
  bool per_epoch = false;
};
CurvePlan curve_plan(const RunRecord& record);

/// The recipe; what differs from `other` is marked and first, or with no other, what is not the default.
std::vector<FactList::Fact> recipe_facts(const RunEntry& run, const RunEntry* other);
std::vector<FactList::Fact> environment_facts(const RunRecord& record);
std::vector<FactList::Fact> checkpoint_facts(const RunRecord& record);
std::vector<FactList::Fact> evaluation_facts(const RunRecord& record);
/// The newest first, 20 at most.
std::vector<FactList::Fact> event_facts(const RunRecord& record);

/// Why it stands where it stands, in a sentence; empty where the status says all. `now`: seconds since 1970.
QString status_reason(const RunEntry& run, double now);

/// The command that started it, or one that does the same again.
QString run_command(const RunEntry& run, const RunRecord* record);

}  // namespace mimir
