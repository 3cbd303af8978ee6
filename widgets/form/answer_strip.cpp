#include "widgets/form/answer_strip.h"

#include <nlohmann/json.hpp>

#include "widgets/format.h"

namespace mimir {

AnswerStrip::AnswerStrip(Theme& theme, const QString& verb, QWidget* parent) : MessageStrip(theme, parent), verb_(verb) { hide(); }

void AnswerStrip::show_answer(const QString& problem, const nlohmann::json& result) {
  QStringList notes;
  if (const auto found = result.find("notes"); found != result.end() && found->is_array()) {
    for (const auto& note : *found) {
      if (note.is_string()) notes += sentence_text(note.get<std::string>());
    }
  }
  const bool wrong = !problem.isEmpty();
  set_verb(wrong ? verb_ : QString());
  if (wrong) show_message(Tone::danger, QLatin1String("error"), problem, tr("What is shown is the last answer."));
  else show_message(Tone::running, QLatin1String("info"), notes.join(QLatin1Char(' ')));
  setVisible(wrong || !notes.isEmpty());
}

}  // namespace mimir
