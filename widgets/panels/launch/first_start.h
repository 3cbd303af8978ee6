#pragma once

#include <QWidget>

#include "widgets/form/form_schema.h"
#include "widgets/panels/launch/machine_card.h"

namespace mimir {

class Session;

/// What the place shows as long as there is nothing to look at: three ways to begin, and this machine.
class FirstStart : public QWidget {
  Q_OBJECT

 public:
  FirstStart(Session& session, Program& program, QWidget* parent = nullptr);
  /// The recipes that the second way offers; once.
  void set_presets(const std::vector<PresetInfo>& presets);
  /// The machine has not answered yet.
  bool asking() const { return machine_->asking(); }

 Q_SIGNALS:
  void demo_wanted();
  void recipe_wanted();
  void workspace_wanted(const QString& folder);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  Card* way(const char* picture, const QString& title, const QString& caption, const QString& text, QWidget* middle, const QString& verb, bool primary);
  QWidget* drop_target();
  Card* set_once();
  void choose_workspace();

  Session* session_;
  MachineCard* machine_;
  QWidget* recipes_;
  bool asked_ = false;
};

}  // namespace mimir
