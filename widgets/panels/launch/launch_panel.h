#pragma once

#include <QWidget>
#include <utility>

#include "widgets/form/form_model.h"
#include "widgets/panels/launch/outcome_card.h"
#include "widgets/panels/launch/recipe_list.h"
#include "widgets/panels/panel.h"
#include "widgets/session/program.h"

class QStackedLayout;

namespace mimir {

class EmptyState;
class FirstStart;
class Prospect;
class RecipeForm;
class RecipeShelf;
class Session;

/// From nothing to a running, repeatable experiment: recipes | form | what will happen.
class LaunchPanel : public QWidget, public Panel {
  Q_OBJECT

 public:
  explicit LaunchPanel(Session& session, QWidget* parent = nullptr);

  QList<QAction*> actions() const override { return {open_, save_}; }
  QAction* save_action() const override { return save_; }
  QList<QWidget*> side_columns() const override { return {recipes_->parentWidget()}; }
  /// "first-start", also with runs; "new-draft".
  void show_part(const QString& part) override;
  bool settled() const override;

  /// These are nullptr until the program has described its recipes.
  FormModel* model() { return model_; }
  RecipeForm* form() { return form_; }
  OutcomeCard* outcome() { return outcome_; }
  RecipeList* recipes() { return recipes_; }
  FirstStart* first_start() { return first_; }
  bool at_first_start() const;
  void start();

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void make_actions();
  void ask_program();
  void build(FormSchema schema);
  void choose(RecipeList::Kind kind, const QString& key);
  /// The recipe of the run that is asked for, once there is a form.
  void show_again();
  void show_draft(RecipeDraft draft, const QString& name, const QString& draft_id);
  void open_recipe(const QString& file);
  void save_recipe();
  /// What is chosen and how the form stands, for the next start.
  void keep_view();
  void restore_view();
  void begin(const QStringList& words);
  void begun(const Expected<nlohmann::json>& answer);
  void watch_demo();
  void open_workspace(const QString& folder);

  Session* session_;
  Program program_;
  bool starting_ = false;
  bool asking_ = true;
  std::pair<QString, QString> again_;  ///< a run asked for and the parameter to be changed; empty: none
  QString part_;  ///< asked for before there was anything to show

  QAction* open_ = nullptr;
  QAction* save_ = nullptr;
  QStackedLayout* pages_;
  EmptyState* waiting_;
  FirstStart* first_;
  QWidget* columns_;
  RecipeList* recipes_;
  FormModel* model_ = nullptr;
  RecipeForm* form_ = nullptr;
  OutcomeCard* outcome_ = nullptr;
  RecipeShelf* shelf_ = nullptr;
  Prospect* prospect_ = nullptr;
};

}  // namespace mimir
