#pragma once

#include <nlohmann/json_fwd.hpp>

#include "widgets/form/message_strip.h"

namespace mimir {

/// Above what a place shows of the worker's answers: what is wrong with the last question or, where nothing is, what the
/// worker notes about its answer (a photograph that was cut to a square). Hidden without either.
class AnswerStrip : public MessageStrip {
  Q_OBJECT

 public:
  /// `verb`: of the button beside a problem.
  AnswerStrip(Theme& theme, const QString& verb, QWidget* parent = nullptr);

  /// An empty problem: the "notes" of the answer's result, a list of sentences.
  void show_answer(const QString& problem, const nlohmann::json& result);

 private:
  QString verb_;
};

}  // namespace mimir
