#include <QAbstractButton>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/store/run_writer.h"
#include "core/store/trainer_lock.h"
#include "core/store/workspace.h"
#include "support/fake_answers.h"
#include "widgets/form/attack_fields.h"
#include "widgets/form/checkpoint_combo.h"
#include "widgets/form/message_strip.h"
#include "widgets/panels/attention/attention_controls.h"
#include "widgets/panels/attention/attention_panel.h"
#include "widgets/panels/attention/attention_row.h"
#include "widgets/panels/attention/layer_strip.h"
#include "widgets/plot/line_plot.h"
#include "widgets/theme/empty_state.h"
#include "widgets/theme/segmented_control.h"

using namespace mimir;

namespace {

constexpr int kPatience = 20'000;  ///< ms; a machine under load

std::shared_ptr<const WorkerAnswer> answer(const nlohmann::json& options) {
  WorkerRequest request;
  request.kind = "attend";
  request.options = options;
  return std::make_shared<const WorkerAnswer>(fake::attend(request));
}

/// A session whose worker answers with fake_answers.h, and the place on screen.
struct Place {
  explicit Place(const QString& model) : session(theme, Workspace(folder.path().toStdString())) {
    session.worker().set_command({QStringLiteral(MIMIR_FAKE_INSPECTION), log()});
    session.select_checkpoint(model);
    panel = std::make_unique<AttentionPanel>(session);
    panel->resize(1400, 900);
    panel->show();
  }
  QString log() const { return folder.filePath(QStringLiteral("questions")); }
  QStringList questions() const {
    QFile file(log());
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts) : QStringList();
  }
  template <typename T>
  T* find() const {
    return panel->findChild<T*>();
  }
  SegmentedControl* segments(const QString& name) const {
    for (auto* each : panel->findChildren<SegmentedControl*>()) {
      if (each->accessibleName() == name) return each;
    }
    return nullptr;
  }
  bool attacked() const { return QTest::qWaitFor([this] { return find<LayerStrip>()->cell_rows() == 3; }, kPatience); }

  QTemporaryDir folder;
  Theme theme;
  Session session;
  std::unique_ptr<AttentionPanel> panel;
};

}  // namespace

class AttentionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void AMapIsTheRowOfItsQueryWithoutTheClassToken();
  void TheDifferenceIsAdversarialMinusClean();
  void MassKeepsTheSmallestSetOfPatchesThatHoldsIt();
  void AnAnswerThatLacksATensorIsRefusedWithItsName();
  void CleanComesFirstAndTheAttackedAnswerAfterIt();
  void ChoosingAmongArraysAsksNothing();
  void ANewAttackAsksOnlyForTheAttackedImage();
  void ADamagedFileAndNonsenseAreSaidInThePlace();
  void AMaskedAutoencoderHasMapsButNoClass();
  void FaithfulnessIsAskedWhenItIsLookedAt();
  void TheToolsTakeTwoRowsAtMost();
  void ASecondModelStandsBesideAndBothAreNamed();
  void ARunAtWorkIsAskedAgainWhenItWritesACheckpoint();
};

void AttentionTest::AMapIsTheRowOfItsQueryWithoutTheClassToken() {
  const auto maps = AttentionMaps::read(answer({{"run", "model"}}));
  QVERIFY(maps.has_value());
  QCOMPARE(maps->layers(), 2);
  QCOMPARE(maps->heads(), 3);
  QCOMPARE(maps->grid(), 2);
  MapQuery query{AttentionKind::attention, 1, 2, 3, 1};
  const auto map = maps->map(query, Side::clean);
  for (int patch = 0; patch < 4; ++patch) QCOMPARE(map[static_cast<std::size_t>(patch)], fake::attention(1, 2, 4, patch + 1, 0));
  QCOMPARE(*maps->to_class_token(query, Side::clean), static_cast<double>(fake::attention(1, 2, 4, 0, 0)));
  query.from = MapQuery::kClassToken;
  QCOMPARE(maps->map(query, Side::clean)[2], fake::attention(1, 2, 0, 3, 0));
  query.from = MapQuery::kMean;
  double sum = 0;
  for (int token = 1; token < 5; ++token) sum += fake::attention(1, 2, token, 1, 0);
  QVERIFY(std::abs(maps->map(query, Side::clean)[0] - sum / 4) < 1e-6);
  QVERIFY(maps->map(query, Side::adversarial).empty());
}

void AttentionTest::TheDifferenceIsAdversarialMinusClean() {
  const auto maps = AttentionMaps::read(answer({{"run", "model"}, {"attack", "pgd"}}));
  QVERIFY(maps.has_value());
  const MapQuery query{AttentionKind::attention, 0, 1, 2, 1};
  const auto difference = maps->map(query, Side::difference);
  for (int patch = 0; patch < 4; ++patch) {
    QCOMPARE(difference[static_cast<std::size_t>(patch)], fake::attention(0, 1, 3, patch + 1, 1) - fake::attention(0, 1, 3, patch + 1, 0));
  }
  const auto table = maps->table(query, Side::difference);
  QCOMPARE(table->map(0, 1)[3], difference[3]);
  QCOMPARE(maps->answered(Side::adversarial).name, QStringLiteral("dog"));
  QVERIFY(!maps->answered(Side::adversarial).right);
  QVERIFY(maps->answered(Side::clean).right);
}

void AttentionTest::MassKeepsTheSmallestSetOfPatchesThatHoldsIt() {
  const auto maps = AttentionMaps::read(answer({{"run", "model"}}));
  // 0.4, 0.3, 0.2, 0.1: two patches hold 60 %.
  const auto map = maps->map({AttentionKind::relevance, 0, 0, MapQuery::kMean, 0.6}, Side::clean);
  QCOMPARE(map[0], 0.4F);
  QCOMPARE(map[1], 0.3F);
  QVERIFY(std::isnan(map[2]) && std::isnan(map[3]));
}

void AttentionTest::AnAnswerThatLacksATensorIsRefusedWithItsName() {
  for (const char* name : {"attention", "rollout", "similarity", "relevance_map", "divergence", "adversarial_attention"}) {
    WorkerAnswer damaged = *answer({{"run", "model"}, {"attack", "pgd"}});
    damaged.arrays[name] = fake::filled({2, 2}, 0);
    const auto maps = AttentionMaps::read(std::make_shared<const WorkerAnswer>(damaged));
    QVERIFY2(!maps.has_value(), name);
    QVERIFY2(maps.error().message.find(name) != std::string::npos, name);
  }
  WorkerAnswer silent = *answer({{"run", "model"}});
  silent.result = nlohmann::json::array();
  QVERIFY(!AttentionMaps::read(std::make_shared<const WorkerAnswer>(silent)).has_value());
}

void AttentionTest::CleanComesFirstAndTheAttackedAnswerAfterIt() {
  const Place place(QStringLiteral("model"));
  QVERIFY(place.attacked());
  QCOMPARE(place.questions(), (QStringList{QStringLiteral("attend"), QStringLiteral("attend attack")}));
  // The last layer is looked at first.
  QCOMPARE(place.find<MapGrid>()->row(), 1);
}

void AttentionTest::ChoosingAmongArraysAsksNothing() {
  const Place place(QStringLiteral("model"));
  QVERIFY(place.attacked());
  auto* row = place.find<AttentionRow>();
  const QImage before = row->view(Side::clean).grab().toImage();
  QTest::keyClick(place.find<MapGrid>(), Qt::Key_Up);
  QVERIFY(row->view(Side::clean).grab().toImage() != before);  // at once, without the event loop
  QTest::keyClick(&row->view(Side::adversarial), Qt::Key_Right);
  QTest::keyClick(&row->view(Side::adversarial), Qt::Key_Return);
  QCOMPARE(place.find<AttentionControls>()->from(), 1);
  QTest::keyClick(place.panel.get(), Qt::Key_Escape);
  QCOMPARE(place.find<AttentionControls>()->from(), MapQuery::kMean);
  place.segments(QStringLiteral("Scale"))->set_index(1);
  place.segments(QStringLiteral("Kind of map"))->set_index(3);
  place.segments(QStringLiteral("Side of the grid"))->set_index(2);
  QTest::qWait(2 * AttentionPanel::kSettleMs);
  QCOMPARE(place.questions().size(), 2);
}

void AttentionTest::ANewAttackAsksOnlyForTheAttackedImage() {
  const Place place(QStringLiteral("model"));
  QVERIFY(place.attacked());
  auto* epsilon = place.panel->findChild<QLineEdit*>(QString(), Qt::FindChildrenRecursively);
  for (auto* each : place.panel->findChildren<QLineEdit*>()) {
    if (each->accessibleName().startsWith(QStringLiteral("Epsilon"))) epsilon = each;
  }
  epsilon->setText(QStringLiteral("4/255"));
  Q_EMIT epsilon->editingFinished();
  QTRY_COMPARE_WITH_TIMEOUT(place.questions().size(), 3, kPatience);
  QCOMPARE(place.questions().last(), QStringLiteral("attend attack"));
  QCOMPARE(place.session.attack()["epsilon"].get<std::string>(), std::string("4/255"));
  epsilon->setText(QStringLiteral("much"));
  Q_EMIT epsilon->editingFinished();
  QTest::qWait(2 * AttentionPanel::kSettleMs);
  QCOMPARE(place.questions().size(), 3);
}

void AttentionTest::ADamagedFileAndNonsenseAreSaidInThePlace() {
  const Place broken(QStringLiteral("broken"));
  const auto said = [](const Place& place, const QString& words) {
    for (auto* label : place.panel->findChildren<QLabel*>()) {
      if (label->isVisible() && label->text().contains(words)) return true;
    }
    return false;
  };
  QVERIFY(QTest::qWaitFor([&] { return said(broken, QStringLiteral("ends in the middle of a tensor")); }, kPatience));
  Place place(QStringLiteral("model"));
  QVERIFY(place.attacked());
  place.session.select_checkpoint(QStringLiteral("nonsense"));
  QVERIFY(QTest::qWaitFor([&] { return said(place, QStringLiteral("no usable tensor \"attention\"")); }, kPatience));
  QVERIFY(place.find<MapGrid>()->isVisible());  // the last answer stays
  place.session.select_checkpoint({});
  QVERIFY(QTest::qWaitFor([&] { return said(place, QStringLiteral("No run is chosen")); }, kPatience));
}

void AttentionTest::AMaskedAutoencoderHasMapsButNoClass() {
  const Place place(QStringLiteral("encoder"));
  QVERIFY(QTest::qWaitFor([&] { return place.find<MapGrid>()->maps() != nullptr; }, kPatience));
  QTest::qWait(2 * AttentionPanel::kSettleMs);
  QCOMPARE(place.questions(), QStringList{QStringLiteral("attend")});  // nothing to attack
  auto* kinds = place.segments(QStringLiteral("Kind of map"));
  int disabled = 0;
  for (auto* button : kinds->findChildren<QAbstractButton*>()) disabled += button->isEnabled() ? 0 : 1;
  QCOMPARE(disabled, 2);
}

void AttentionTest::FaithfulnessIsAskedWhenItIsLookedAt() {
  const Place place(QStringLiteral("model"));
  QVERIFY(place.attacked());
  place.segments(QStringLiteral("Below"))->set_index(1);
  QTRY_VERIFY_WITH_TIMEOUT(place.questions().contains(QStringLiteral("attend faithfulness")), kPatience);
  QVERIFY(QTest::qWaitFor([&] {
    for (auto* label : place.panel->findChildren<QLabel*>()) {
      if (label->text().contains(QStringLiteral("Area under deletion: 0.125, random order 0.5"))) return true;
    }
    return false;
  }, kPatience));
}

void AttentionTest::TheToolsTakeTwoRowsAtMost() {
  constexpr int kPlaceAt1440 = 1244;  // of the window's width, beside the rail
  const Place place(QStringLiteral("model"));
  QVERIFY(place.attacked());
  auto* controls = place.find<AttentionControls>();
  auto* kinds = place.segments(QStringLiteral("Kind of map"));
  const auto rows = [&] {
    std::set<int> tops;  // of what stands below the end of everything in the row above
    int bottom = -1;
    std::vector<QRect> groups;
    for (const auto* group : controls->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
      if (group->isVisible()) groups.push_back(group->geometry());
    }
    std::sort(groups.begin(), groups.end(), [](const QRect& a, const QRect& b) { return a.center().y() < b.center().y(); });
    for (const QRect& group : groups) {
      if (group.top() > bottom) tops.insert(group.top());
      bottom = std::max(bottom, group.bottom());
    }
    return tops.size();
  };
  place.panel->resize(kPlaceAt1440, 800);
  for (int kind = 0; kind < 5; ++kind) {
    kinds->set_index(kind);
    QCoreApplication::processEvents();
    QTRY_COMPARE(rows(), std::size_t(2));  // words that go make room in another pass of the layout
  }
  QVERIFY(!kinds->isVisible());  // a combo
  place.panel->resize(2000, 800);
  QCoreApplication::processEvents();
  QVERIFY(kinds->isVisible());
  QCOMPARE(rows(), std::size_t(2));
}

void AttentionTest::ASecondModelStandsBesideAndBothAreNamed() {
  const Place place(QStringLiteral("model"));
  QVERIFY(place.attacked());
  CheckpointCombo* beside = nullptr;
  for (auto* each : place.panel->findChildren<CheckpointCombo*>()) {
    if (each->accessibleName() == QStringLiteral("Checkpoint beside it")) beside = each;
  }
  const auto rows = place.panel->findChildren<AttentionRow*>();
  QCOMPARE(rows.size(), 2);
  QVERIFY(!rows[1]->isVisible());
  const int before = rows[0]->view(Side::clean).height();
  beside->addItem(QStringLiteral("the other"), QStringLiteral("other"));
  beside->setCurrentIndex(beside->count() - 1);
  QTRY_VERIFY_WITH_TIMEOUT(rows[1]->isVisible() && rows[1]->view(Side::adversarial).accessibleDescription().contains(QStringLiteral("dog")), kPatience);
  for (const auto* row : rows) QCOMPARE(row->view(Side::clean).accessibleName(), QStringLiteral("Clean, Fine-tuning, step 10"));
  QTRY_VERIFY_WITH_TIMEOUT(10 * rows[0]->view(Side::clean).height() > 6 * before, kPatience);  // the layers make room
  place.segments(QStringLiteral("Scale"))->set_index(1);
  QCOMPARE(rows[1]->view(Side::clean).accessibleName(), QStringLiteral("Clean, Fine-tuning, step 10, own scale"));
  beside->setCurrentIndex(0);
  QTRY_VERIFY_WITH_TIMEOUT(!rows[1]->isVisible(), kPatience);
}

void AttentionTest::ARunAtWorkIsAskedAgainWhenItWritesACheckpoint() {
  Place place(QStringLiteral("model"));
  Recipe recipe;
  recipe.pretrain.emplace();
  const RunFolder run = Workspace(place.folder.path().toStdString()).create_run("at-work", recipe, nlohmann::json::object()).value();
  const auto lock = TrainerLock::acquire(run);
  const auto writer = std::move(RunWriter::open(run, {"pretrain"}).value());
  writer->begin_segment("pretrain", 0, 100);
  writer->set_state(SegmentState::running);
  const QString id = QString::fromStdString(run.id());
  QTRY_VERIFY_WITH_TIMEOUT(place.session.library().find(id), kPatience);
  place.session.select_run(id);
  place.session.show_runs({id});
  const auto record = [&] { return place.session.library().record(id); };
  const auto write = [&](std::int64_t step) {
    writer->checkpoint("pretrain", step, "periodic", fmt::format("checkpoints/pretrain-{}.safetensors", step));
    const std::size_t before = record() ? record()->checkpoints.size() : 0;
    return QTest::qWaitFor([&] { return record() && record()->checkpoints.size() > before; }, kPatience);
  };
  QVERIFY(write(10));
  QTRY_VERIFY_WITH_TIMEOUT(place.panel->settled() && !place.questions().isEmpty(), kPatience);
  const auto before = place.questions().size();
  QVERIFY(write(20));
  QTRY_VERIFY_WITH_TIMEOUT(place.questions().size() > before && place.panel->settled(), kPatience);
  // One that was chosen stays what it is.
  const auto again = place.questions().size();
  place.session.select_checkpoint(QStringLiteral("chosen"));
  QTRY_VERIFY_WITH_TIMEOUT(place.questions().size() > again && place.panel->settled(), kPatience);
  const auto asked = place.questions().size();
  QVERIFY(write(30));
  QTest::qWait(2 * AttentionPanel::kSettleMs);
  QVERIFY(place.panel->settled());
  QCOMPARE(place.questions().size(), asked);
}

QTEST_MAIN(AttentionTest)
#include "attention_panel_test.moc"
