#include "widgets/panels/history/annotate_command.h"

#include <QCoreApplication>
#include <algorithm>

#include "widgets/table/run_columns.h"

namespace mimir {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("mimir::AnnotateCommand", text); }

/// Sets one field of every run in which it has another value.
template <typename T>
std::vector<AnnotateCommand::Change> set_field(RunLibrary& library, const QStringList& ids, T Annotations::* field, const T& value) {
  std::vector<AnnotateCommand::Change> changes;
  for (const QString& id : ids) {
    const RunEntry* entry = library.find(id);
    if (!entry || entry->annotations.*field == value) continue;
    const T before = entry->annotations.*field;
    changes.push_back({id, [=](Annotations& a) { a.*field = value; }, [=](Annotations& a) { a.*field = before; }});
  }
  return changes;
}

QUndoCommand* command(RunLibrary& library, const QString& text, std::vector<AnnotateCommand::Change> changes) {
  return changes.empty() ? nullptr : new AnnotateCommand(library, text, std::move(changes));
}

}  // namespace

void AnnotateCommand::redo() {
  for (const Change& change : changes_) library_->annotate(change.id, change.redo);
}

void AnnotateCommand::undo() {
  for (const Change& change : changes_) library_->annotate(change.id, change.undo);
}

NoteCommand::NoteCommand(RunLibrary& library, const RunEntry& entry, const std::string& note)
    : AnnotateCommand(library, tr("note of %1").arg(run_name(entry)),
                      {{entry.id, [note](Annotations& a) { a.note = note; }, [before = entry.annotations.note](Annotations& a) { a.note = before; }}}) {}

bool NoteCommand::mergeWith(const QUndoCommand* other) {
  const auto& later = static_cast<const NoteCommand*>(other)->changes_.front();
  if (later.id != changes_.front().id) return false;
  changes_.front().redo = later.redo;
  return true;
}

QUndoCommand* star_command(RunLibrary& library, const QStringList& ids, bool star) {
  return command(library, star ? tr("star") : tr("removal of star"), set_field(library, ids, &Annotations::star, star));
}

QUndoCommand* trash_command(RunLibrary& library, const QStringList& ids, bool trash) {
  auto changes = set_field(library, ids, &Annotations::trash, trash);
  const bool one = changes.size() == 1;
  const QString text = trash ? (one ? tr("move of a run to trash") : tr("move of %1 runs to trash")) : (one ? tr("restore of a run") : tr("restore of %1 runs"));
  return command(library, one ? text : text.arg(changes.size()), std::move(changes));
}

QUndoCommand* name_command(RunLibrary& library, const QString& id, const QString& name) {
  return command(library, tr("rename to %1").arg(name), set_field(library, {id}, &Annotations::name, name.toStdString()));
}

QUndoCommand* tag_command(RunLibrary& library, const QStringList& ids, const QStringList& added, const QStringList& removed) {
  std::vector<AnnotateCommand::Change> changes;
  for (const QString& id : ids) {
    const RunEntry* entry = library.find(id);
    if (!entry) continue;
    const std::vector<std::string> before = entry->annotations.tags;
    std::vector<std::string> after = before;
    for (const QString& tag : removed) std::erase(after, tag.toStdString());
    for (const QString& tag : added) {
      if (std::find(after.begin(), after.end(), tag.toStdString()) == after.end()) after.push_back(tag.toStdString());
    }
    if (after != before) changes.push_back({id, [after](Annotations& a) { a.tags = after; }, [before](Annotations& a) { a.tags = before; }});
  }
  return command(library, tr("tags"), std::move(changes));
}

}  // namespace mimir
