#pragma once

#include <nlohmann/json_fwd.hpp>

#include "widgets/session/program.h"
#include "widgets/theme/card.h"

namespace mimir {

/// "This machine": what `mimir doctor` found, each fine or with what to do.
class MachineCard : public Card {
  Q_OBJECT

 public:
  /// `workspace`: the folder whose disk is looked at.
  MachineCard(Theme& theme, Program& program, QString workspace, QWidget* parent = nullptr);

  void ask();
  bool asking() const { return asking_; }

 private:
  void show_checks(const nlohmann::json& report);
  void show_sentence(const QString& sentence);
  void clear();

  Theme* theme_;
  Program* program_;
  QString workspace_;
  QWidget* rows_;
  bool asking_ = false;
  QString text_;  ///< as it is copied
};

}  // namespace mimir
