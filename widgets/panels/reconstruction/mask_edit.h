#pragma once

#include <QPointer>
#include <QUndoCommand>
#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

namespace mimir {

/// Which patches are removed: drawn by the worker from kind, ratio and seed, or edited by hand.
struct MaskChoice {
  QString kind = QStringLiteral("random");  ///< random, block, grid
  double ratio = 0.75;
  int seed = 0;
  std::optional<std::vector<bool>> edited;  ///< row-major, true is removed
  bool operator==(const MaskChoice&) const = default;
};

/// The edited mask with as many patches more or fewer as `ratio` of all asks for. `seed` draws one order: the first in it are
/// added, the last in it are freed.
std::vector<bool> with_ratio(std::vector<bool> removed, double ratio, int seed);

/// One change of the mask, as the undo stack keeps it; changes of one gesture become one.
class MaskEdit : public QUndoCommand {
 public:
  /// `gesture`: changes of the same one merge. `apply` is not called after `owner` is gone.
  MaskEdit(QWidget* owner, MaskChoice before, MaskChoice after, int gesture, std::function<void(const MaskChoice&)> apply);
  void undo() override { if (owner_) apply_(before_); }
  void redo() override { if (owner_) apply_(after_); }
  int id() const override { return 0x6d61; }
  bool mergeWith(const QUndoCommand* other) override;

 private:
  void name();

  QPointer<QWidget> owner_;
  MaskChoice before_, after_;
  int gesture_;
  std::function<void(const MaskChoice&)> apply_;
};

}  // namespace mimir
