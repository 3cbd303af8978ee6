#include <signal.h>

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "widgets/session/session.h"
#include "widgets/session/worker.h"

using namespace mimir;

namespace {

constexpr int kPatience = 20'000;  ///< ms; a machine under load

QStringList fake(const QString& manner = {}) {
  QStringList command{QStringLiteral(MIMIR_FAKE_WORKER)};
  if (!manner.isEmpty()) command << manner;
  return command;
}

/// Who asks, and what it was told.
struct Asker {
  Worker::Handler handler() {
    return [this](const Worker::Answer& answer) {
      parts.push_back(answer);
      if (answer->ends()) last = answer;
    };
  }
  bool wait() {
    return QTest::qWaitFor([this] { return last != nullptr; }, kPatience);
  }
  bool wait_for_first() {
    return QTest::qWaitFor([this] { return !parts.empty(); }, kPatience);
  }
  QObject object;
  std::vector<Worker::Answer> parts;
  Worker::Answer last;
};

const QString kTopic = QStringLiteral("topic");

}  // namespace

class WorkerTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void AnAnswerCarriesOptionsAndTensorsBack() {
    Worker worker(fake());
    Asker asker;
    const std::vector<float> values(3 * 64 * 64, 0.25F);
    NamedArrays arrays{{"image", Array::of<float>(Dtype::f32, {3, 64, 64}, values)}};
    worker.ask(&asker.object, kTopic, "echo", {{"epsilon", "8/255"}}, asker.handler(), arrays);
    QCOMPARE(worker.state(), Worker::State::starting);
    QVERIFY(worker.asks(&asker.object, kTopic));
    QVERIFY(asker.wait());
    QCOMPARE(asker.last->part, AnswerPart::final);
    QCOMPARE(asker.last->result.at("epsilon").get<std::string>(), std::string("8/255"));
    QCOMPARE(asker.last->arrays.at("image").bytes.size(), values.size() * sizeof(float));
    QCOMPARE(asker.last->arrays.at("image").as<float>()[17], 0.25F);
    QCOMPARE(worker.state(), Worker::State::ready);
    QCOMPARE(worker.hello().at("build").get<std::string>(), std::string("0 (fake)"));
    QVERIFY(!worker.asks(&asker.object, kTopic));
  }

  void ANewerQuestionOfTheSameTopicTakesTheOlderBack() {
    Worker worker(fake());
    Asker older, newer, other;
    worker.ask(&older.object, kTopic, "slow", {{"ms", 5}}, older.handler());
    QVERIFY(older.wait_for_first());
    QCOMPARE(older.parts.front()->part, AnswerPart::progress);
    worker.ask(&other.object, kTopic, "echo", {}, other.handler());
    // Without the cancel this would wait for ever behind the slow one.
    worker.ask(&older.object, kTopic, "echo", {}, newer.handler());
    const std::size_t heard = older.parts.size();
    QVERIFY(newer.wait() && other.wait());
    QCOMPARE(older.parts.size(), heard);
    QVERIFY(!older.last);
  }

  void ACancelledQuestionEndsAsCancelled() {
    Worker worker(fake());
    Asker early, running;
    worker.ask(&early.object, kTopic, "slow", {}, early.handler());
    worker.cancel(&early.object, kTopic);  // before the process is there
    QVERIFY(early.wait());
    QCOMPARE(early.last->part, AnswerPart::cancelled);
    worker.ask(&running.object, kTopic, "slow", {}, running.handler());
    QVERIFY(running.wait_for_first());
    worker.cancel(&running.object, kTopic);
    QVERIFY(running.wait());
    QCOMPARE(running.last->part, AnswerPart::cancelled);
  }

  void NobodyIsAnsweredWhoIsGone() {
    Worker worker(fake());
    Asker asker, next;
    auto gone = std::make_unique<QObject>();
    int calls = 0;
    worker.ask(gone.get(), kTopic, "slow", {}, [&calls](const Worker::Answer&) { ++calls; });
    QVERIFY(QTest::qWaitFor([&calls] { return calls > 0; }, kPatience));
    gone.reset();
    const int before = calls;
    worker.ask(&next.object, kTopic, "echo", {}, next.handler());
    QVERIFY(next.wait());
    QCOMPARE(calls, before);
  }

  void AnErrorIsTheWorkersSentence() {
    Worker worker(fake());
    Asker asker;
    worker.ask(&asker.object, kTopic, "dance", {}, asker.handler());
    QVERIFY(asker.wait());
    QCOMPARE(asker.last->part, AnswerPart::error);
    QCOMPARE(asker.last->code, std::string("usage"));
    QCOMPARE(asker.last->message, std::string("there is no kind dance"));
  }

  void AKilledWorkerIsStartedAgainAndAskedAgain() {
    Worker worker(fake());
    QSignalSpy said(&worker, &Worker::said);
    Asker first, slow, after;
    worker.ask(&first.object, kTopic, "echo", {}, first.handler());
    QVERIFY(first.wait());
    worker.ask(&slow.object, kTopic, "slow", {{"ms", 20}}, slow.handler());
    worker.ask(&after.object, kTopic, "echo", {}, after.handler());
    QVERIFY(slow.wait_for_first());
    QVERIFY(worker.process_id() > 0);
    QCOMPARE(::kill(static_cast<pid_t>(worker.process_id()), SIGKILL), 0);
    QVERIFY(QTest::qWaitFor([&said] { return said.size() > 0; }, kPatience));
    const QString sentence = said.front().front().toString();
    QVERIFY2(sentence.contains(QLatin1String("killed")) && sentence.contains(QLatin1String("started again")), qPrintable(sentence));
    const std::size_t heard = slow.parts.size();
    QVERIFY(QTest::qWaitFor([&] { return slow.parts.size() > heard; }, kPatience));  // goes on by itself
    worker.cancel(&slow.object, kTopic);
    QVERIFY(slow.wait() && after.wait());
    QCOMPARE(after.last->part, AnswerPart::final);
    QVERIFY(after.last->result.at("process") != first.last->result.at("process"));
  }

  void AQuestionThatKillsTwiceIsAnErrorAndTheOthersGoOn() {
    Worker worker(fake());
    Asker deadly, after;
    worker.ask(&deadly.object, kTopic, "die", nlohmann::json::object(), deadly.handler());
    worker.ask(&after.object, kTopic, "echo", {}, after.handler());
    QVERIFY(deadly.wait());
    QCOMPARE(deadly.last->part, AnswerPart::error);
    QVERIFY(QString::fromStdString(deadly.last->message).contains(QLatin1String("out of memory")));
    QVERIFY(after.wait());
    QCOMPARE(after.last->part, AnswerPart::final);
  }

  void AQuestionThatOutlivesADeathIsAnswered() {
    QTemporaryDir folder;
    Worker worker(fake());
    Asker asker;
    worker.ask(&asker.object, kTopic, "die", {{"once", folder.filePath(QStringLiteral("died")).toStdString()}}, asker.handler());
    QVERIFY(asker.wait());
    QCOMPARE(asker.last->part, AnswerPart::final);
  }

  void NonsenseEndsTheProcessAndAnotherIsAsked() {
    Worker worker(fake());
    QSignalSpy said(&worker, &Worker::said);
    Asker babbler, after;
    worker.ask(&babbler.object, kTopic, "nonsense", nlohmann::json::object(), babbler.handler());
    worker.ask(&after.object, kTopic, "echo", {}, after.handler());
    QVERIFY(babbler.wait() && after.wait());
    QCOMPARE(babbler.last->part, AnswerPart::error);
    QVERIFY(said.front().front().toString().contains(QLatin1String("not an answer")));
    QCOMPARE(after.last->part, AnswerPart::final);
  }

  void AProgramThatIsNoWorkerIsLeftAloneUntilItIsAskedAgain() {
    Worker worker(fake(QStringLiteral("text")));
    Asker asker, second;
    worker.ask(&asker.object, kTopic, "echo", {}, asker.handler());
    QVERIFY(asker.wait());
    QCOMPARE(asker.last->part, AnswerPart::error);
    QCOMPARE(worker.state(), Worker::State::failed);
    worker.set_command(fake());
    worker.ask(&second.object, kTopic, "echo", {}, second.handler());
    QVERIFY(second.wait());
    QCOMPARE(second.last->part, AnswerPart::final);
    QCOMPARE(worker.state(), Worker::State::ready);
    QVERIFY(worker.sentence().isEmpty());
  }

  void WhyItEndsIsTheProgramsLastLine() {
    Worker worker(fake(QStringLiteral("refuse")));
    Asker asker;
    worker.ask(&asker.object, kTopic, "echo", {}, asker.handler());
    QVERIFY(asker.wait());
    QCOMPARE(worker.state(), Worker::State::failed);
    QVERIFY(QString::fromStdString(asker.last->message).contains(QLatin1String("code 2: there is no command serve.")));
  }

  void OutOfMemoryIsSaidInWords() {
    Worker worker({QStringLiteral("/bin/sh"), QStringLiteral("-c"), QStringLiteral("exit 7")});
    Asker asker;
    worker.ask(&asker.object, kTopic, "echo", {}, asker.handler());
    QVERIFY(asker.wait());
    QVERIFY2(asker.last->message.find("ran out of memory") != std::string::npos, asker.last->message.c_str());
  }

  void AMissingProgramIsSaidAtOnce() {
    Worker nowhere({QStringLiteral("/nowhere/mimir"), QStringLiteral("serve")}), none(QStringList{});
    Asker a, b;
    nowhere.ask(&a.object, kTopic, "echo", {}, a.handler());
    none.ask(&b.object, kTopic, "echo", {}, b.handler());
    QVERIFY(!a.last && !b.last);  // never from within ask()
    QVERIFY(a.wait() && b.wait());
    QVERIFY(QString::fromStdString(a.last->message).contains(QLatin1String("/nowhere/mimir cannot be started")));
    QVERIFY(QString::fromStdString(b.last->message).contains(QLatin1String("MIMIR_PROGRAM")));
  }

  void TheProcessEndsWithItsOwner() {
    auto worker = std::make_unique<Worker>(fake());
    Asker asker;
    worker->ask(&asker.object, kTopic, "slow", {}, asker.handler());
    QVERIFY(asker.wait_for_first());
    const auto process = static_cast<pid_t>(worker->process_id());
    QCOMPARE(::kill(process, 0), 0);
    worker.reset();
    QCOMPARE(::kill(process, 0), -1);
  }

  void TheSelectionIsOneQuestion() {
    QTemporaryDir folder;
    Theme theme;
    Session session(theme, Workspace(folder.path().toStdString()));
    QSignalSpy checkpoints(&session, &Session::checkpoint_selected), images(&session, &Session::image_selected);
    QVERIFY(session.question().empty());
    session.select_run(QStringLiteral("abc"));
    session.select_image({QStringLiteral("train"), 12, {}});
    QVERIFY((session.question() == nlohmann::json{{"run", "abc"}, {"split", "train"}, {"image", "12"}}));
    session.select_checkpoint(QStringLiteral("/w/pretrain-last.safetensors"));
    session.select_image({QStringLiteral("test"), 0, QStringLiteral("/home/cat.png")});
    QVERIFY((session.question() == nlohmann::json{{"run", "/w/pretrain-last.safetensors"}, {"split", "test"}, {"image", "/home/cat.png"}}));
    session.select_run(QStringLiteral("def"));  // another run's checkpoints
    QCOMPARE(session.question().at("run").get<std::string>(), std::string("def"));
    QCOMPARE(checkpoints.size(), 2);
    QCOMPARE(images.size(), 2);
  }
};

QTEST_MAIN(WorkerTest)
#include "worker_test.moc"
