#include <QComboBox>
#include <QImageReader>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>

#include "core/base/text.h"
#include "core/store/safetensors.h"
#include "widgets/form/answer_strip.h"
#include "widgets/form/checkpoint_combo.h"
#include "widgets/format.h"
#include "widgets/image/colour_map.h"
#include "widgets/image/figure_file.h"
#include "widgets/image/image_browser.h"
#include "widgets/panels/attack_lab/attack_controls.h"
#include "widgets/image/picture_view.h"
#include "widgets/panels/attack_lab/attack_lab_panel.h"
#include "widgets/panels/attack_lab/attack_pictures.h"
#include "widgets/panels/attack_lab/image_chip.h"
#include "widgets/panels/attack_lab/path_card.h"
#include "widgets/panels/attack_lab/prediction_bars.h"
#include "widgets/panels/attack_lab/transfer_table.h"

using namespace mimir;

namespace {

constexpr int kPatience = 20'000;  ///< ms; a machine under load

const nlohmann::json kDescription = nlohmann::json::parse(R"json({"registries": {"attacks": [
  {"id": "fgsm", "label": "FGSM", "source": "Goodfellow et al. 2015", "help": "One step.", "norms": ["linf", "l2"], "parameters": []},
  {"id": "pgd", "label": "PGD", "source": "Madry et al. 2018", "help": "Steps.", "norms": ["linf", "l2"], "parameters": [
    {"table": "", "key": "num_steps", "type": "int", "default": 10, "min": 1, "max": null, "choices": [], "unit": "1", "help": "Gradient steps.", "source": "", "level": "common", "when": ""},
    {"table": "", "key": "step_size", "type": "number", "default": 0.0, "min": 0, "max": null, "choices": [], "unit": "of [0,1]", "help": "Length.", "source": "", "level": "common", "when": ""},
    {"table": "", "key": "random_start", "type": "bool", "default": true, "min": null, "max": null, "choices": [], "unit": "1", "help": "Start.", "source": "", "level": "common", "when": ""},
    {"table": "", "key": "restarts", "type": "int", "default": 1, "min": 1, "max": null, "choices": [], "unit": "1", "help": "Starts.", "source": "", "level": "common", "when": ""}]}]}})json");

/// The place before a worker whose classifier has four classes and whose pictures are 8 x 8.
struct Lab {
  Lab() : session(theme, Workspace(folder.path().toStdString())) {
    session.worker().set_command({QStringLiteral(MIMIR_FAKE_WORKER)});
    panel = std::make_unique<AttackLabPanel>(session);
    const auto read = panel->controls().describe(kDescription);
    if (!read) qFatal("the description is not read");
    panel->resize(1300, 860);
    panel->show();
  }
  void choose(const QString& model) { session.select_checkpoint(model); }
  bool wait(const std::function<bool()>& until) { return QTest::qWaitFor(until, kPatience); }
  bool wait_for_result() {
    return wait([this] { return panel->result() && panel->settled(); });
  }
  /// Empty: it was written.
  QString save(const QString& file) {
    std::optional<Expected<void>> done;
    panel->save(file, [&done](const Expected<void>& saved) { done.emplace(saved); });
    if (!wait([&done] { return done.has_value(); })) return QStringLiteral("never");
    return *done ? QString() : QString::fromStdString(done->error().message);
  }
  CheckpointCombo* second() const {
    for (auto* each : panel->findChildren<CheckpointCombo*>()) {
      if (each->accessibleName() == QStringLiteral("Second model")) return each;
    }
    return nullptr;
  }
  /// As if the run were in the list.
  void choose_second(const QString& model) {
    second()->addItem(model, model);
    second()->setCurrentIndex(second()->count() - 1);
  }
  QStringList words() const {
    QStringList all;
    for (const QLabel* label : panel->findChildren<QLabel*>()) {
      if (label->isVisible()) all << label->text();
    }
    return all;
  }
  QTemporaryDir folder;
  Theme theme;
  Session session;
  std::unique_ptr<AttackLabPanel> panel;
};

double furthest(std::span<const float> a, std::span<const float> b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(double(a[i]) - b[i]));
  return most;
}

}  // namespace

class AttackLabTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void WithoutAModelThePlaceSaysSo() {
    Lab lab;
    QVERIFY(lab.words().contains(QStringLiteral("No run is chosen")));
    QCOMPARE(lab.panel->result(), nullptr);
  }

  void WhatClassifiesNothingIsSaidInThePlaceAndAnotherModelGoesOn() {
    Lab lab;
    lab.choose(QStringLiteral("mae"));
    QVERIFY(lab.wait([&] { return lab.words().contains(QStringLiteral("mae holds a masked autoencoder, which classifies nothing.")); }));
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
  }

  void WhatTheWorkerNotesStandsAboveTheAnswer() {
    Theme theme;
    AnswerStrip strip(theme, QStringLiteral("Try again"));
    const auto* button = strip.findChild<QPushButton*>();
    strip.show_answer({}, {{"notes", {"a.png is 50 x 40", "the rest is black"}}});
    QVERIFY(strip.isVisible() && button->isHidden());
    QCOMPARE(strip.text(), QStringLiteral("a.png is 50 x 40. The rest is black."));
    strip.show_answer(QStringLiteral("Nothing answers."), {{"notes", {"a.png is 50 x 40"}}});
    QVERIFY(button->isVisible());
    QCOMPARE(strip.text(), QStringLiteral("Nothing answers."));
    strip.show_answer({}, nullptr);
    QVERIFY(strip.isHidden());
  }

  void TheAttackRunsAsThingsChangeAndTheScrubberShowsAnyStep() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    const AttackPath& path = lab.panel->result()->restarts.front();
    QCOMPARE(path.last(), 20);  // where neither run nor user says otherwise
    QCOMPARE(lab.panel->step(), 20);
    QVERIFY(distance(path, 20).linf <= 8.0 / 255 + 1e-6);
    QVERIFY(path.first_flip() && *path.first_flip() > 0);
    QTest::keyClick(lab.panel.get(), Qt::Key_Home);
    QCOMPARE(lab.panel->step(), 0);
    QCOMPARE(distance(path, lab.panel->step()).linf, 0.0);
    QTest::keyClick(lab.panel.get(), Qt::Key_Period);
    QCOMPARE(lab.panel->step(), 1);
    QVERIFY(!path.succeeded(0) && path.succeeded(20));
    const auto bars = lab.panel->findChild<PredictionBars*>();
    QCOMPARE(bars->rows().size(), std::size_t(4));
    QCOMPARE(*bars->rows().front().adversarial + *bars->rows()[1].adversarial + *bars->rows()[2].adversarial + *bars->rows()[3].adversarial, 1.0);
    QCOMPARE(lab.session.attack().at("epsilon").get<std::string>(), std::string("8/255"));  // for the other places
    lab.panel->controls().set_epsilon(2.0 / 255);
    QVERIFY(lab.wait([&] { return lab.panel->result()->restarts.front().epsilon < 3.0 / 255 && lab.panel->settled(); }));
    QCOMPARE(lab.panel->step(), 1);
  }

  void ThePathOfARunIsThatOfItsTrainingUnlessThatTookOneStep() {
    Lab lab;
    Recipe recipe;
    recipe.finetune.emplace().method = "n-fgsm";
    recipe.finetune->attack.epsilon = 4.0 / 255;
    recipe.finetune->attack.num_steps = 1;
    const RunFolder one = lab.session.library().workspace().create_run("one", recipe, {{"created", 1000}}).value();
    recipe.finetune->method = "pgd";
    recipe.finetune->attack.num_steps = 3;
    const RunFolder more = lab.session.library().workspace().create_run("more", recipe, {{"created", 2000}}).value();
    const auto steps_of = [&](const RunFolder& run) {
      const QString id = QString::fromStdString(run.id());
      lab.session.library().refresh();
      if (!lab.wait([&] { return lab.session.library().find(id) != nullptr; })) return std::string("no run");
      lab.session.select_run(id);
      lab.panel->controls().reset();
      return lab.panel->controls().options()["set"].dump() + lab.panel->controls().options()["epsilon"].dump();
    };
    QVERIFY2(steps_of(one).find("num_steps=20\"") != std::string::npos, steps_of(one).c_str());
    QVERIFY2(steps_of(one).find("\"4/255") != std::string::npos, steps_of(one).c_str());
    QVERIFY2(steps_of(more).find("num_steps=3\"") != std::string::npos, steps_of(more).c_str());
  }

  void TheTrueClassHasABarEvenWhereOthersAreLikelier() {
    const auto names = [](int index) { return QString::number(index); };
    const std::vector<float> clean{0.4F, 0.1F, 0.3F, 0.2F}, adversarial{0.5F, 0.0F, 0.3F, 0.2F};
    const auto hidden = top_rows(clean, adversarial, 1, 2, names), among = top_rows(clean, adversarial, 2, 2, names);
    QCOMPARE(hidden.size(), std::size_t(2));
    QVERIFY(hidden[1].is_true && hidden[1].name == QStringLiteral("1") && hidden[0].predicted);
    QVERIFY(among[1].is_true && among[1].name == QStringLiteral("2"));
  }

  void TheSmallestRadiusIsFoundAndItsGridAnswersAtOnce() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    lab.panel->find_smallest();
    QVERIFY(lab.wait([&] { return lab.panel->settled(); }));
    const auto words = lab.words().filter(QStringLiteral("bisection"));
    QVERIFY(!words.isEmpty());
    lab.panel->controls().set_epsilon(4.0 / 255);
    QVERIFY(lab.panel->walk() != nullptr);
    QCOMPARE(lab.panel->walk()->epsilon, 4.0 / 255);  // before any answer could have come
    QVERIFY(distance(*lab.panel->walk(), lab.panel->walk()->last()).linf <= 4.0 / 255 + 1e-6);
  }

  void ABranchLeavesThePathAtItsStep() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    Q_EMIT lab.panel->path().branch_wanted({{"branch-step", 2}, {"branch-steps", 5}});
    QVERIFY(lab.wait([&] { return lab.panel->result()->branch && lab.panel->settled(); }));
    const AttackResult& result = *lab.panel->result();
    QCOMPARE(result.branch_step, 2);
    QCOMPARE(result.branch->last(), 5);
    QCOMPARE(furthest(result.branch->iterates.front(), result.restarts.front().iterates[2]), 0.0);
    QCOMPARE(lab.panel->path().slider()->minimum(), 2);
    QCOMPARE(lab.panel->path().slider()->maximum(), 7);
    QVERIFY(lab.panel->command().contains(QStringLiteral("mimir attack")));
  }

  void WhatIsSavedIsInsideTheBallAndExact() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    const AttackPath& path = *lab.panel->walk();
    const QString png = lab.folder.filePath(QStringLiteral("a.png")), tensors = lab.folder.filePath(QStringLiteral("a.safetensors"));
    QCOMPARE(lab.save(png), QString());
    QCOMPARE(lab.save(tensors), QString());
    QImageReader reader(png);
    const QImage image = reader.read();
    QCOMPARE(image.size(), QSize(8, 8));
    QVERIFY(image.text(QStringLiteral("Command")).startsWith(QStringLiteral("mimir attack")));
    double most = 0;
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 8; ++x) {
        const QRgb pixel = image.pixel(x, y);
        const int bytes[] = {qRed(pixel), qGreen(pixel), qBlue(pixel)};
        for (int c = 0; c < 3; ++c) most = std::max(most, std::abs(bytes[c] / 255.0 - path.clean[static_cast<std::size_t>(c * 64 + y * 8 + x)]));
      }
    }
    QVERIFY(most <= 8.0 / 255 + 1e-6);
    QVERIFY(most > 7.0 / 255);
    const auto read = read_safetensors(tensors.toStdString());
    QVERIFY(read.has_value());
    QCOMPARE(furthest(read->arrays.at("adversarial").as<float>(), path.iterates.back()), 0.0);
    QVERIFY(!lab.save(lab.folder.filePath(QStringLiteral("no/folder.png"))).isEmpty());
  }

  void WhatIsSavedAndSaidIsTheScrubbedStep() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    QVERIFY2(!lab.panel->command().contains(QStringLiteral("--step ")), qPrintable(lab.panel->command()));
    QVERIFY(lab.panel->command().endsWith(QStringLiteral("--device cpu --threads 1")));
    QTest::keyClick(lab.panel.get(), Qt::Key_Home);
    for (int i = 0; i < 3; ++i) QTest::keyClick(lab.panel.get(), Qt::Key_Period);
    QCOMPARE(lab.panel->step(), 3);
    QVERIFY2(lab.panel->command().contains(QStringLiteral("--step 3")), qPrintable(lab.panel->command()));
    QVERIFY(lab.panel->command().contains(QStringLiteral("--set num_steps=20")));  // of the whole path
    const QString tensors = lab.folder.filePath(QStringLiteral("step.safetensors")), png = lab.folder.filePath(QStringLiteral("step.png")), svg = lab.folder.filePath(QStringLiteral("step.svg"));
    for (const QString& file : {tensors, png, svg}) QCOMPARE(lab.save(file), QString());
    const auto read = read_safetensors(tensors.toStdString());
    QVERIFY(read.has_value());
    const AttackPath& path = lab.panel->result()->restarts.front();
    QCOMPARE(furthest(read->arrays.at("adversarial").as<float>(), path.iterates[3]), 0.0);
    QVERIFY(furthest(path.iterates[3], path.iterates.back()) > 0);
    QCOMPARE(read->metadata.at("step"), std::string("3"));
    QVERIFY(read->metadata.at("command").find("--step 3") != std::string::npos);
    QImageReader reader(png);
    QCOMPARE(reader.text(QStringLiteral("Step")), QStringLiteral("3"));
    QFile figure(svg);
    QVERIFY(figure.open(QIODevice::ReadOnly));
    const QByteArray drawn = figure.readAll();
    QVERIFY(drawn.contains("Shown: step 3 of 20") && drawn.contains("adversarial, step 3"));
    QVERIFY(lab.panel->settled());

    // Along a branch, and at a radius of the search.
    Q_EMIT lab.panel->path().branch_wanted({{"branch-step", 2}, {"branch-steps", 5}});
    QVERIFY(lab.wait([&] { return lab.panel->result()->branch && lab.panel->settled(); }));
    QTest::keyClick(lab.panel.get(), Qt::Key_End);
    QTest::keyClick(lab.panel.get(), Qt::Key_Comma);
    QVERIFY2(lab.panel->command().contains(QStringLiteral("--branch-step 2")) && lab.panel->command().contains(QStringLiteral("--step 6")), qPrintable(lab.panel->command()));
    QCOMPARE(lab.save(svg), QString());
    figure.close();
    QVERIFY(figure.open(QIODevice::ReadOnly));
    QVERIFY(figure.readAll().contains("Shown: step 6 of 7, on the branch from step 2"));
  }

  void ARadiusOfTheSearchIsSaidWithItsOwnStepSize() {
    AttackResult result;
    auto answer = std::make_shared<WorkerAnswer>();
    answer->result = nlohmann::json::object();
    result.answer = answer;
    AttackPath walk;
    walk.epsilon = 4.0 / 255;
    walk.asked_epsilon = 8.0 / 255;
    walk.iterates.resize(6);
    const nlohmann::json asked = {{"run", "weights"}, {"epsilon", "8/255"}, {"set", {"num_steps=5", "step_size=2/255"}}, {"trajectory", true}, {"transfer", "other"}};
    const nlohmann::json question = question_of_iterate(asked, result, walk, PathCard::kRadius, 5);
    QCOMPARE(parse_number(question.at("epsilon").get<std::string>()).value(), 4.0 / 255);
    QCOMPARE(parse_number(question.at("set").at(1).get<std::string>().substr(10)).value(), 2.0 / 255 * (4.0 / 255 / (8.0 / 255)));
    QVERIFY(!question.contains("transfer") && !question.contains("trajectory") && !question.contains("step"));
    QCOMPARE(question_of_iterate(asked, result, walk, 2, 3).at("restart").get<int>(), 2);
    QCOMPARE(question_of_iterate(asked, result, walk, 0, 3).at("step").get<int>(), 3);
  }

  void AFigureIsWrittenAsItsEndingSays() {
    const QTemporaryDir folder;
    Figure figure{120, 80, "Title", {}};
    figure.add(Text{{10, 20}, "epsilon 8/255"});
    const auto written = [&](const char* name) {
      const QString path = folder.filePath(QLatin1String(name));
      if (!write_figure(path, figure)) return QByteArray();
      QFile file(path);
      return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    QVERIFY(written("a.svg").contains("epsilon 8/255</text>"));
    QVERIFY(written("a.pdf").startsWith("%PDF"));
    QCOMPARE(QImage::fromData(written("a.png")).size(), QSize(240, 160));
    QVERIFY(written("a.txt").isEmpty());
  }

  void PicturesAreChosenFromThePageByKeyboard() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    auto* browser = lab.panel->findChild<ImageBrowser*>();
    QCOMPARE(browser->classes(), (QStringList{QStringLiteral("ant"), QStringLiteral("bee"), QStringLiteral("cat"), QStringLiteral("dog")}));
    QTest::keyClick(lab.panel.get(), Qt::Key_BracketRight);
    QCOMPARE(lab.session.image().index, std::int64_t(1));
    QCOMPARE(browser->selected_name(), QStringLiteral("bee"));
    for (int i = 0; i < 23; ++i) browser->step(1);  // over the end of the page
    QVERIFY(lab.wait([&] { return lab.session.image().index == 24; }));
    QVERIFY(lab.wait_for_result());
    QCOMPARE(lab.panel->result()->restarts.front().label, 0);
  }

  void APageHasAsManyPicturesAsThereIsRoomFor() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    ImageBrowser browser(lab.session);
    const auto* list = browser.findChild<QListView*>();
    browser.resize(300, 120);
    browser.show();
    QVERIFY(lab.wait([&] { return list->model()->rowCount() == 24; }));
    browser.resize(8 * 64 + 20, 5 * 72 + 20);
    QVERIFY(lab.wait([&] { return list->model()->rowCount() == 40; }));  // all that there are
    browser.resize(300, 120);
    browser.step(1);
    QVERIFY(lab.wait([&] { return browser.settled(); }));
    QCOMPARE(list->model()->rowCount(), 40);  // what is there stays
  }

  void WhatIsCraftedOnEachOfTwoModelsIsShownToBothAndKept() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    auto* table = lab.panel->findChild<TransferTable*>();
    QVERIFY(!table->isVisible());
    lab.choose_second(QStringLiteral("other"));
    const auto cells = [table] {
      QStringList words;
      for (const auto* cell : table->findChildren<QLabel*>()) {
        if (cell->textFormat() == Qt::RichText) words += cell->text();
      }
      return words;
    };
    QVERIFY(lab.wait([&] { return table->isVisible() && lab.panel->settled() && !cells().contains(kMissing); }));
    QCOMPARE(cells().size(), 6);
    const QStringList at_eight = cells();
    QVERIFY(at_eight[1].contains(QStringLiteral("✗")));  // the attack on the first breaks the first
    lab.panel->controls().set_epsilon(1.0 / 255);
    QVERIFY(lab.wait([&] { return lab.panel->settled() && !cells().contains(kMissing) && cells() != at_eight; }));
    lab.panel->controls().set_epsilon(8.0 / 255);
    QCOMPARE(cells(), at_eight);  // at once, both models
  }

  void TheSecondModelsPicturesStandBelowOnTheSameScale() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    const auto* pictures = lab.panel->findChild<AttackPictures*>();
    QVERIFY(!pictures->two() && !pictures->second_adversarial().isVisible());
    QCOMPARE(pictures->adversarial().height(), pictures->height());  // a row that is not there takes no room
    lab.choose_second(QStringLiteral("other"));
    QVERIFY(pictures->two() && pictures->second_adversarial().isVisible());  // at once: it says that it is on its way
    QVERIFY(pictures->second_adversarial().picture().isNull());
    QVERIFY(lab.wait([&] { return !pictures->second_adversarial().picture().isNull() && lab.panel->settled(); }));
    QVERIFY(pictures->second_adversarial().picture() != pictures->adversarial().picture());
    QCOMPARE(pictures->second_adversarial().size(), pictures->adversarial().size());
    QCOMPARE(pictures->second_perturbation().accessibleName(), pictures->perturbation().accessibleName());  // which says the scale
    QStringList names;
    for (const auto* view : pictures->findChildren<PictureView*>()) names += view->accessibleName();
    QVERIFY2(names.contains(QStringLiteral("Original, Fine-tuning, step 10")) && names.contains(QStringLiteral("Original, Fine-tuning, step 20")), qPrintable(names.join(QLatin1Char('\n'))));
    const QImage last = pictures->second_adversarial().picture();
    QTest::keyClick(lab.panel.get(), Qt::Key_Home);
    QVERIFY(pictures->second_adversarial().picture() != last);  // both go along
    QCOMPARE(pictures->second_adversarial().picture(), pictures->adversarial().picture());  // where both begin
    lab.second()->setCurrentIndex(0);
    QVERIFY(!pictures->second_adversarial().isVisible());
  }

  void ASecondModelOfAnotherSizeIsSaidAndTheFirstIsShown() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    lab.choose_second(QStringLiteral("large"));
    QVERIFY(lab.wait([&] { return lab.words().contains(QStringLiteral("large takes 16 x 16 pixels, weights takes 8 x 8.")); }));
    QVERIFY(lab.wait_for_result());
    const auto* pictures = lab.panel->findChild<AttackPictures*>();
    QVERIFY(!pictures->adversarial().picture().isNull() && pictures->second_adversarial().picture().isNull());
    QVERIFY(pictures->second_adversarial().isVisible());
    lab.panel->controls().set_epsilon(1.0 / 255);
    QVERIFY(lab.wait([&] { return lab.panel->settled() && lab.panel->result()->restarts.front().epsilon < 2.0 / 255; }));
  }

  void TheImagesButtonKnowsItsPictureWithoutThePage() {
    Lab lab;
    lab.panel->resize(1300, 700);  // the images stand behind the path
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    QVERIFY(!lab.panel->findChild<ImageBrowser*>()->isVisible());
    const auto* chip = lab.panel->findChild<ImageChip*>();
    QVERIFY2(chip->text().contains(QStringLiteral("ant 0000")), qPrintable(chip->text()));
    const QPixmap first = chip->icon().pixmap(20, 20);
    QTest::keyClick(lab.panel.get(), Qt::Key_BracketRight);
    QCOMPARE(lab.session.image().index, std::int64_t(1));
    QVERIFY(lab.wait_for_result());
    QVERIFY2(chip->text().contains(QStringLiteral("bee 0001")), qPrintable(chip->text()));
    QVERIFY(chip->icon().pixmap(20, 20).toImage() != first.toImage());
  }

  void KeysOfThePlaceGoThroughListsAndFields() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    auto* list = lab.panel->findChild<ImageBrowser*>()->findChild<QListView*>();
    QTest::keyClick(list, Qt::Key_Comma);
    QCOMPARE(lab.panel->step(), 19);
    for (auto* combo : lab.panel->findChildren<QComboBox*>()) {
      if (combo->accessibleName() == QStringLiteral("Objective")) QTest::keyClick(combo, Qt::Key_Comma);
    }
    QCOMPARE(lab.panel->step(), 18);
  }

  void AnAnswerThatLacksSomethingIsRefusedByName() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    for (const char* name : {"clean", "path", "path_loss", "path_probabilities", "label", "restart", "logits"}) {
      auto broken = std::make_shared<WorkerAnswer>(*lab.panel->result()->answer);
      broken->arrays.erase(name);
      QVERIFY2(!read_attack(broken).has_value(), name);
    }
    auto wrong = std::make_shared<WorkerAnswer>(*lab.panel->result()->answer);
    wrong->arrays["path_loss"].shape = {1, 5, 1};
    const auto read = read_attack(wrong);
    QVERIFY(!read.has_value());
    QVERIFY(read.error().message.find("path_loss") != std::string::npos);
    wrong = std::make_shared<WorkerAnswer>(*lab.panel->result()->answer);
    wrong->result["images"] = nlohmann::json::array();
    QVERIFY(!read_attack(wrong).has_value());
  }

  void ThePerturbationIsSignedAndSymmetric() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    const AttackPath& path = *lab.panel->walk();
    const ColourMap& colours = ColourMap::diverging(true);
    const double bound = perturbation_bound(path);
    QCOMPARE(float(bound), float(8.0 / 255));
    const QImage last = perturbation_of(path, path.last(), 0, bound, colours), first = perturbation_of(path, 0, 0, bound, colours);
    QCOMPARE(first.pixel(0, 0), colours.at(0.5));
    QCOMPARE(last.pixel(0, 0), colours.at(0));  // the true class's quarter is darkened to the bound
    QVERIFY(last.pixel(7, 7) != first.pixel(7, 7));
  }

  void AWrongEntryIsSaidAndNothingIsAsked() {
    Lab lab;
    lab.choose(QStringLiteral("weights"));
    QVERIFY(lab.wait_for_result());
    auto* radius = lab.panel->controls().findChild<QLineEdit*>();
    radius->setText(QStringLiteral("8/"));
    QVERIFY(!lab.panel->controls().problem().isEmpty());
    QVERIFY(lab.panel->settled());
    radius->setText(QStringLiteral("2*3/255"));
    QVERIFY(lab.panel->controls().problem().isEmpty());
    QCOMPARE(float(lab.panel->controls().epsilon()), float(6.0 / 255));
  }
};

QTEST_MAIN(AttackLabTest)
#include "attack_lab_test.moc"
