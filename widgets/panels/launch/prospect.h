#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>
#include <vector>

#include "widgets/form/form_model.h"
#include "widgets/panels/launch/measurement.h"
#include "widgets/panels/launch/outlook.h"

namespace mimir {

class OutcomeCard;
class Session;

/// Keeps "What will happen" true to the draft: the trainer's check of it, what it takes by a measurement or by earlier runs,
/// what differs from its base, the command. Lives on the UI thread.
class Prospect : public QObject {
  Q_OBJECT

 public:
  /// All must outlive it.
  Prospect(Session& session, Program& program, FormModel& model, OutcomeCard& card, QObject* parent = nullptr);

  /// Another draft is about to be shown: what was found of the last one is forgotten.
  void start_over();
  bool checking() const { return check_; }
  /// `mimir train …` with the draft, the name above Start and the workspace.
  QStringList command() const;

 private:
  void edited();
  void check();
  void show();
  void measure();

  Session* session_;
  Program* program_;
  FormModel* model_;
  OutcomeCard* card_;
  DiskUse disk_;
  Measurer measurer_;
  QTimer checking_;
  QPointer<QObject> check_;  ///< under way
  std::vector<PlannedStage> plan_;
};

}  // namespace mimir
