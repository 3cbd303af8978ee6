#pragma once

#include <QUndoCommand>
#include <functional>
#include <vector>

#include "widgets/session/run_library.h"

namespace mimir {

/// A change of what people say about runs, which can be taken back. Each way touches its own field only, so what another
/// program has changed meanwhile stays.
class AnnotateCommand : public QUndoCommand {
 public:
  struct Change {
    QString id;
    std::function<void(Annotations&)> redo, undo;
  };
  /// `library` outlives the command.
  AnnotateCommand(RunLibrary& library, const QString& text, std::vector<Change> changes)
      : QUndoCommand(text), library_(&library), changes_(std::move(changes)) {}

  void redo() override;
  void undo() override;

 protected:
  RunLibrary* library_;
  std::vector<Change> changes_;
};

/// While someone types in one note there is one command.
class NoteCommand : public AnnotateCommand {
 public:
  NoteCommand(RunLibrary& library, const RunEntry& entry, const std::string& note);
  int id() const override { return 1; }
  bool mergeWith(const QUndoCommand* other) override;
};

// Each is for the runs of `ids` that are there and would change; nullptr if none would.
QUndoCommand* star_command(RunLibrary& library, const QStringList& ids, bool star);
QUndoCommand* trash_command(RunLibrary& library, const QStringList& ids, bool trash);
QUndoCommand* name_command(RunLibrary& library, const QString& id, const QString& name);
/// Takes `removed` away and adds `added` behind what is there.
QUndoCommand* tag_command(RunLibrary& library, const QStringList& ids, const QStringList& added, const QStringList& removed);

}  // namespace mimir
