#pragma once

#include <QDateTime>
#include <QString>
#include <vector>

#include "widgets/form/recipe_draft.h"

namespace mimir {

/// Drafts as files of the user's configuration folder, one each; the window's, not a workspace's.
class DraftStore {
 public:
  struct Entry {
    QString id;
    QString name;
    QDateTime edited;
  };

  /// `folder` empty: drafts/ in the program's configuration folder. Made with the first draft.
  explicit DraftStore(QString folder = {});

  /// The one edited last is first. What cannot be read is left out.
  std::vector<Entry> list() const;
  static QString new_id();
  Expected<void> save(const QString& id, const QString& name, const RecipeDraft& draft) const;
  Expected<RecipeDraft> load(const QString& id) const;
  void remove(const QString& id) const;

 private:
  QString file(const QString& id) const;
  QString folder_;
};

}  // namespace mimir
