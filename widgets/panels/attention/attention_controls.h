#pragma once

#include <QWidget>
#include <vector>

#include "widgets/panels/attention/attention_maps.h"
#include "widgets/panels/attention/attention_row.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSlider;
class QSpinBox;

namespace mimir {

class AttackFields;
class CheckpointCombo;
class FlowLayout;
class SegmentedControl;
class Session;

/// The two rows of controls above the pictures; where one has no room, it first does without what its fields say anyway. What only chooses among arrays that are there comes as view_changed, what needs
/// a question as question_changed.
class AttentionControls : public QWidget {
  Q_OBJECT

 public:
  explicit AttentionControls(Session& session, QWidget* parent = nullptr);

  AttentionKind kind() const;
  /// MapQuery's `from`.
  int from() const { return from_; }
  void set_from(int from);
  bool shared_scale() const;
  double mass() const;
  OverlayMode overlay() const;
  double opacity() const;

  /// rollout, discard and class, as the worker takes them.
  nlohmann::json options() const;
  nlohmann::json attack() const;
  QString attack_words() const;
  /// A run or checkpoint to set beside; empty: none.
  QString beside() const;

  /// What the model of the answer has to say: its classes, where it reads its answer, the size of the split.
  void follow(const AttentionMaps& maps);

 Q_SIGNALS:
  void view_changed();
  void question_changed();
  void beside_changed();
  /// CheckpointCombo::written.
  void model_changed();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Row {
    FlowLayout* layout;
    std::vector<QWidget*> groups = {};
    std::vector<QWidget*> words = {};  ///< labels that may go: their fields have tooltips
  };
  enum class Word { stays, may_go };
  QWidget* add(Row& row, const QString& word, Word kind, std::initializer_list<QWidget*> controls);
  void make_first_row();
  void make_second_row();
  void update_parts();
  /// Of all groups in sight with their words, in one line.
  int width_of(const Row& row) const;
  void fit();

  Session* session_;
  Row first_, second_;
  int from_ = MapQuery::kMean;
  bool from_chosen_ = false;  ///< by the user; until then it follows the model
  int grid_ = 1;
  bool classifies_ = false;
  SegmentedControl* kinds_ = nullptr;
  QComboBox* kinds_narrow_ = nullptr;
  SegmentedControl* froms_ = nullptr;
  SegmentedControl* scales_ = nullptr;
  QSlider* mass_ = nullptr;
  QLabel* mass_value_ = nullptr;
  SegmentedControl* overlays_ = nullptr;
  QSlider* opacity_ = nullptr;
  QSpinBox* image_ = nullptr;
  CheckpointCombo* checkpoint_ = nullptr;
  CheckpointCombo* beside_ = nullptr;
  QWidget* class_group_ = nullptr;
  QComboBox* classes_ = nullptr;
  QWidget* rollout_group_ = nullptr;
  QComboBox* fusion_ = nullptr;
  QDoubleSpinBox* discard_ = nullptr;
  AttackFields* attack_ = nullptr;
};

}  // namespace mimir
