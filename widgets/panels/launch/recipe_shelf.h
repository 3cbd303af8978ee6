#pragma once

#include <QObject>
#include <QTimer>

#include "widgets/form/form_model.h"
#include "widgets/panels/launch/draft_store.h"
#include "widgets/panels/launch/recipe_list.h"

class QLineEdit;

namespace mimir {

class Session;

/// What stands behind the list of recipes: presets, the user's drafts, the newest runs. Opens them, and keeps the draft under
/// edit as it is typed. Lives on the UI thread.
class RecipeShelf : public QObject {
  Q_OBJECT

 public:
  struct Opened {
    RecipeDraft draft;
    QString name;
    QString draft_id;  ///< empty: it is no kept draft
  };

  /// `model` and `name`: what is under edit. All must outlive it.
  RecipeShelf(Session& session, RecipeList& list, FormModel& model, QLineEdit& name, QObject* parent = nullptr);

  void fill();
  bool has(RecipeList::Kind kind, const QString& key) const;
  bool has_drafts() const { return !drafts_.list().empty(); }
  Expected<Opened> open(RecipeList::Kind kind, const QString& key) const;
  /// What is under edit from now on is that kept draft; empty: none, until something is edited.
  void edit(const QString& draft_id);
  /// Keeps what was typed but a moment ago.
  void keep_pending();
  /// Asks first; nothing where the list stands at no draft.
  void remove_draft(QWidget* window);

 Q_SIGNALS:
  /// The draft under edit has been written, or, as it differs in nothing any more, removed.
  void kept();

 private:
  void keep_soon() { keeping_.start(); }
  void keep();

  Session* session_;
  RecipeList* list_;
  FormModel* model_;
  QLineEdit* name_;
  DraftStore drafts_;
  QString draft_id_;  ///< empty: nothing to keep yet
  QTimer keeping_;
};

}  // namespace mimir
