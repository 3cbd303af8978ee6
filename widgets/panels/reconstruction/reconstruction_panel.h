#pragma once

#include <QWidget>

#include "widgets/panels/panel.h"
#include "widgets/session/session.h"

class QStackedLayout;

namespace mimir {

class LiveReconstruction;
class SegmentedControl;
class StoredReconstruction;

/// Clean, what the encoder saw, its reconstruction and the error: live, of a chosen image with a mask made by hand, or through
/// training, as stored in the run.
class ReconstructionPanel : public QWidget, public Panel {
  Q_OBJECT

 public:
  explicit ReconstructionPanel(Session& session);
  QList<QAction*> actions() const override { return {save_}; }
  QAction* save_action() const override { return save_; }
  QAction* figure_action() const override { return save_; }
  bool settled() const override;

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void show_mode(int mode);
  void choose_mode();

  Session* session_;
  QAction* save_;
  bool mode_chosen_ = false;  ///< by the user
  SegmentedControl* modes_;
  LiveReconstruction* live_;
  StoredReconstruction* stored_;
  QStackedLayout* body_;  ///< live, stored
};

}  // namespace mimir
