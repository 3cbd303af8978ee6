#include <QTest>
#include <nlohmann/json.hpp>

#include <sys/socket.h>
#include <fcntl.h>
#include <sys/un.h>

#include <atomic>
#include <set>
#include <thread>

#include "core/base/text.h"
#include "core/store/annotations.h"
#include "core/store/control.h"
#include "core/store/control_socket.h"
#include "core/store/files.h"
#include "core/store/media.h"
#include "core/store/trainer_lock.h"
#include "core/store/workspace.h"
#include "tests/support/child_process.h"
#include "tests/support/expected.h"
#include "tests/support/safetensors_mutations.h"
#include "tests/support/temporary_folder.h"

using namespace mimir;
using test::TemporaryFolder;

namespace {

Recipe small_recipe() {
  Recipe recipe;
  recipe.pretrain.emplace();
  recipe.finetune.emplace();
  return recipe;
}

/// A run that is there.
RunFolder some_run(const Workspace& workspace, const char* name = "demo") {
  return workspace.create_run(name, small_recipe(), nlohmann::json::object()).value();
}

/// Sends raw text to a control socket and returns what comes back before the server is silent or gone.
std::string raw_exchange(const RunFolder& run, const std::string& text, bool half_close) {
  const auto folder = store::open_folder(run).value();
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  const sockaddr_un address = store::socket_address(folder);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return "no connection";
  if (::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) return "not sent";
  if (half_close) ::shutdown(socket.get(), SHUT_WR);
  std::string received;
  char buffer[4096];
  while (received.find('\n') == std::string::npos) {
    const ssize_t got = ::recv(socket.get(), buffer, sizeof buffer, 0);
    if (got <= 0) break;
    received.append(buffer, static_cast<std::size_t>(got));
  }
  return received;
}

int hold_lock_until_killed(const char* path) {
  const auto lock = TrainerLock::acquire(RunFolder(path));
  const char answer = lock ? 'y' : 'n';
  if (::write(STDOUT_FILENO, &answer, 1) == 1) ::pause();
  return 0;
}

}  // namespace

class StoreTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void WorkspaceFollowsTheEnvironment();
  void NewRunHasItsFilesAndAUniqueId();
  void NamesBecomeFolderNamesAndAreKeptAsTyped();
  void RunIsFoundByIdPrefixNamePathAndLast();
  void UnknownRunNamesTheNearest();
  void AmbiguousNameListsTheIds();
  void WorkspaceThatCannotBeWrittenIsAStorageError();
  void DamagedRecipeIsAnInputError();

  void SecondTrainerIsRefusedAndACleanEndLeavesNothing();
  void LockOfAKilledTrainerIsFree();

  void AnnotationsSurviveARoundTripAndKeepUnknownKeys();
  void DamagedAnnotationsAreNotOverwritten();
  void TwoWritersOfAnnotationsLoseNothing();

  void ControlRequestsReachTheHandlerAndAreAnswered();
  void ControlWorksBehindAVeryLongPath();
  void NonsenseIsAnsweredAndTheServerLives();
  void StaleSocketIsReplacedAndRemovedAtTheEnd();
  void SilentTrainerIsATimeoutAndNoTrainerASentence();

  void PngIsWholeAndItsSizesAreChecked();
  void FullDiskIsNamed();

  void SafetensorsSurviveARoundTrip();
  void EveryDamageOfASafetensorsFileIsAnError_data();
  void EveryDamageOfASafetensorsFileIsAnError();
  void TruncatedSafetensorsAreRefusedAtEveryLength();
  void MutatedSafetensorsNeverCrashTheReader();
};

void StoreTest::WorkspaceFollowsTheEnvironment() {
  const auto before = qgetenv("XDG_DATA_HOME"), given = qgetenv("MIMIR_WORKSPACE");
  qunsetenv("MIMIR_WORKSPACE");
  qputenv("XDG_DATA_HOME", "/data/home");
  QCOMPARE(Workspace::default_path().string(), std::string("/data/home/mimir-workbench"));
  qputenv("XDG_DATA_HOME", "relative");
  QVERIFY(Workspace::default_path().string().ends_with(".local/share/mimir-workbench"));
  qputenv("MIMIR_WORKSPACE", "/elsewhere");
  QCOMPARE(Workspace().path().string(), std::string("/elsewhere"));
  QCOMPARE(Workspace("/given").path().string(), std::string("/given"));
  before.isNull() ? qunsetenv("XDG_DATA_HOME") : qputenv("XDG_DATA_HOME", before);
  given.isNull() ? qunsetenv("MIMIR_WORKSPACE") : qputenv("MIMIR_WORKSPACE", given);
}

void StoreTest::NewRunHasItsFilesAndAUniqueId() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path() / "new" / "workspace");
  QVERIFY(workspace.list_runs().value().empty());
  const Recipe recipe = small_recipe();
  const auto run = workspace.create_run("demo", recipe, {{"host", "here"}});
  QVERIFY_OK(run);
  QVERIFY(*run->read_recipe() == recipe);
  QCOMPARE(run->read_environment()->at("host").get<std::string>(), std::string("here"));
  QVERIFY(run->created() > 1.6e9);
  QVERIFY(std::filesystem::is_directory(run->checkpoints()));
  QCOMPARE(run->name(), std::string("demo"));
  QCOMPARE(run->date().size(), std::size_t(10));
  QCOMPARE(run->path().filename().string(), run->date() + "-demo-" + run->id());
  QCOMPARE(run->relative(run->checkpoint("pretrain", "last")), std::string("checkpoints/pretrain-last.safetensors"));
  std::set<std::string> ids = {run->id()};
  for (int i = 0; i < 20; ++i) ids.insert(some_run(workspace).id());
  QCOMPARE(ids.size(), std::size_t(21));
  QCOMPARE(workspace.list_runs().value().size(), std::size_t(21));
}

void StoreTest::NamesBecomeFolderNamesAndAreKeptAsTyped() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto run = some_run(workspace, "../Überlauf: 8/255");
  QCOMPARE(run.path().parent_path(), workspace.runs());
  QCOMPARE(run.name(), std::string("berlauf-8-255"));
  QCOMPARE(read_annotations(run)->name, std::string("../Überlauf: 8/255"));
  QCOMPARE(some_run(workspace, "").name(), std::string("run"));
  const auto long_name = some_run(workspace, std::string(500, 'x').c_str());
  QVERIFY(long_name.path().filename().string().size() < 100);
}

void StoreTest::RunIsFoundByIdPrefixNamePathAndLast() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto first = some_run(workspace, "first");
  const auto second = some_run(workspace, "Second One");
  for (const std::string& text : {first.id(), first.id().substr(0, 5), std::string("first"), first.path().string(),
                                  first.path().string() + "/", first.path().filename().string()}) {
    const auto found = workspace.find_run(text);
    QVERIFY_OK(found);
    QCOMPARE(found->path(), first.path());
  }
  QCOMPARE(workspace.find_run("Second One")->path(), second.path());
  QCOMPARE(workspace.find_run("second-one")->path(), second.path());
  QCOMPARE(workspace.find_run("last")->path(), second.path());
  QVERIFY_OK(change_annotations(second, [](Annotations& a) { a.trash = true; }));
  QCOMPARE(workspace.find_run("last")->path(), first.path());
}

void StoreTest::UnknownRunNamesTheNearest() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  QVERIFY_FAILS(workspace.find_run("last"), ErrorCode::input, "no run");
  QVERIFY_FAILS(workspace.find_run("x"), ErrorCode::input, "no runs yet");
  some_run(workspace, "baseline");
  QVERIFY_FAILS(workspace.find_run("basline"), ErrorCode::input, "did you mean \"baseline\"");
  QVERIFY_FAILS(workspace.find_run("/nowhere/at-all"), ErrorCode::input, "not a folder of a run");
  QVERIFY_FAILS(workspace.find_run(folder.path().string()), ErrorCode::input, "neither recipe.toml nor run.db");
}

void StoreTest::AmbiguousNameListsTheIds() {
  const TemporaryFolder folder;
  const Workspace workspace(folder.path());
  const auto one = some_run(workspace, "twice"), two = some_run(workspace, "twice");
  const auto found = workspace.find_run("twice");
  QVERIFY_FAILS(found, ErrorCode::input, one.id());
  QVERIFY_FAILS(found, ErrorCode::input, two.id());
}

void StoreTest::WorkspaceThatCannotBeWrittenIsAStorageError() {
  const TemporaryFolder folder;
  QVERIFY_OK(write_file(folder.path() / "file", std::string_view("x")));
  const Workspace inside_a_file(folder.path() / "file");
  QVERIFY_FAILS(inside_a_file.create_run("a", small_recipe(), {}), ErrorCode::storage, "not a folder");
  const Workspace read_only("/proc/sys/workspace");
  QVERIFY_FAILS(read_only.create_run("a", small_recipe(), {}), ErrorCode::storage, "/proc/sys/workspace");
}

void StoreTest::DamagedRecipeIsAnInputError() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  QVERIFY_OK(write_file(run.recipe(), std::string_view("[pretrain\n")));
  QVERIFY_FAILS(run.read_recipe(), ErrorCode::input, "recipe.toml");
  QVERIFY_OK(write_file(run.environment(), std::string_view("[]")));
  QVERIFY_FAILS(run.read_environment(), ErrorCode::input, "damaged");
  QVERIFY(run.created() > 1.6e9);
}

void StoreTest::SecondTrainerIsRefusedAndACleanEndLeavesNothing() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  QVERIFY(!inspect_trainer(run).file);
  {
    const auto lock = TrainerLock::acquire(run);
    QVERIFY_OK(lock);
    const auto state = inspect_trainer(run);
    QVERIFY(state.held && state.info);
    QCOMPARE(state.info->pid, std::int64_t(::getpid()));
    QCOMPARE(state.info->host, host_name());
    QVERIFY(state.info->started > 1.6e9);
    QVERIFY_FAILS(TrainerLock::acquire(run), ErrorCode::storage, "already has a trainer");
  }
  QVERIFY(!std::filesystem::exists(run.trainer_pid()));
  QVERIFY_OK(TrainerLock::acquire(run));
}

void StoreTest::LockOfAKilledTrainerIsFree() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  test::ChildProcess child({"--hold-lock", run.path().string()});
  char answer = 0;
  QCOMPARE(child.read(&answer, 1), std::size_t(1));
  QCOMPARE(answer, 'y');
  QVERIFY(inspect_trainer(run).held);
  QCOMPARE(inspect_trainer(run).info->pid, std::int64_t(child.pid()));
  child.kill();
  const auto state = inspect_trainer(run);
  QVERIFY(state.file && !state.held);
  QVERIFY_OK(TrainerLock::acquire(run));
}

void StoreTest::AnnotationsSurviveARoundTripAndKeepUnknownKeys() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  QVERIFY(*read_annotations(run) == Annotations());
  QVERIFY_OK(write_file(run.annotations(), std::string_view("{\"later\": [1], \"star\": true, \"colour\": 3}")));
  Annotations wanted{"a name", {"one", "two"}, "a \"note\"\nof two lines", true, "3", false};
  const auto written = change_annotations(run, [&](Annotations& a) {
    QVERIFY(a.star);
    QCOMPARE(a.colour, std::string("3"));
    a = wanted;
  });
  QVERIFY_OK(written);
  QVERIFY(*read_annotations(run) == wanted);
  const auto json = nlohmann::json::parse(*read_text(run.annotations()));
  QVERIFY(json["later"] == nlohmann::json({1}));
  QVERIFY(json["colour"] == 3);
  wanted.colour = "#3745cb";
  QVERIFY_OK(change_annotations(run, [&](Annotations& a) { a = wanted; }));
  QVERIFY(*read_annotations(run) == wanted);
}

void StoreTest::DamagedAnnotationsAreNotOverwritten() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  for (const std::string damaged : {"{\"star\": tr", "[]", "{\"tags\": \"one\"}", "{\"star\": 1}", ""}) {
    QVERIFY_OK(write_file(run.annotations(), damaged));
    QVERIFY_FAILS(read_annotations(run), ErrorCode::storage, "annotations.json is damaged");
    QVERIFY_FAILS(change_annotations(run, [](Annotations& a) { a.star = true; }), ErrorCode::storage, "damaged");
    QCOMPARE(*read_text(run.annotations()), damaged);
  }
}

void StoreTest::TwoWritersOfAnnotationsLoseNothing() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  const auto add = [&](const char* tag) {
    for (int i = 0; i < 20; ++i) static_cast<void>(change_annotations(run, [&](Annotations& a) { a.tags.push_back(tag); }));
  };
  std::thread other(add, "other");
  add("mine");
  other.join();
  QCOMPARE(read_annotations(run)->tags.size(), std::size_t(40));
}

void StoreTest::ControlRequestsReachTheHandlerAndAreAnswered() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  std::vector<ControlRequest> seen;
  auto server = ControlServer::start(run, [&](const ControlRequest& request) {
    seen.push_back(request);
    if (request.command == ControlCommand::pause) return ControlReply::refusal("it is paused already");
    if (request.command == ControlCommand::unpause) throw std::runtime_error("broken handler");
    ControlReply reply;
    reply.state = "stopping";
    reply.stage = "pretrain";
    reply.step = 57;
    return reply;
  });
  QVERIFY_OK(server);
  const auto stopped = send_control(run, {1, ControlCommand::stop, Stop::after_epoch});
  QVERIFY_OK(stopped);
  QVERIFY(stopped->ok);
  QCOMPARE(stopped->state, std::string("stopping"));
  QCOMPARE(stopped->step, std::optional<std::int64_t>(57));
  const auto refused = send_control(run, {2, ControlCommand::pause});
  QVERIFY_OK(refused);
  QVERIFY(!refused->ok);
  QCOMPARE(refused->message, std::string("it is paused already"));
  const auto broken = send_control(run, {3, ControlCommand::unpause});
  QVERIFY_OK(broken);
  QVERIFY(!broken->ok);
  server->reset();  // joins its thread, so `seen` is ours
  QCOMPARE(seen.size(), std::size_t(3));
  QVERIFY(seen[0].id == 1 && seen[0].command == ControlCommand::stop && seen[0].when == Stop::after_epoch);
}

void StoreTest::ControlWorksBehindAVeryLongPath() {
  const TemporaryFolder folder;
  const auto deep = folder.path() / std::string(120, 'd') / std::string(120, 'e');
  const auto run = some_run(Workspace(deep));
  QVERIFY(run.control_socket().string().size() > 240);
  const auto server = ControlServer::start(run, [](const ControlRequest&) { return ControlReply{}; });
  QVERIFY_OK(server);
  QVERIFY(std::filesystem::is_socket(run.control_socket()));
  const auto reply = send_control(run, {1, ControlCommand::status});
  QVERIFY_OK(reply);
  QVERIFY(reply->ok);
}

void StoreTest::NonsenseIsAnsweredAndTheServerLives() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  std::atomic<int> handled = 0;
  const auto server = ControlServer::start(run, [&](const ControlRequest&) { return ++handled, ControlReply{}; });
  QVERIFY_OK(server);
  for (const std::string nonsense : {"\n", "hello\n", "{}\n", "[1,2]\n", "{\"id\":1}\n", "{\"id\":1,\"command\":7}\n", "{\"id\":{},\"command\":\"stop\"}\n",
                                     "{\"id\":1,\"command\":\"explode\"}\n", "{\"id\":1,\"command\":\"stop\",\"when\":\"later\"}\n", "\xff\xfe\x80\n"}) {
    const auto reply = nlohmann::json::parse(raw_exchange(run, nonsense, false), nullptr, false);
    QVERIFY2(reply.is_object() && reply["ok"] == false && !reply["message"].get<std::string>().empty(), nonsense.c_str());
  }
  QVERIFY(raw_exchange(run, std::string(200'000, '[') + "\n", false).find("\"ok\":false") != std::string::npos);
  QVERIFY(raw_exchange(run, std::string(30'000, '[') + "\n", false).find("\"ok\":false") != std::string::npos);
  QCOMPARE(raw_exchange(run, "", true), std::string());  // comes and goes
  QVERIFY(raw_exchange(run, "{\"id\":5,\"command\":\"status\"}", true).find("\"id\":5") != std::string::npos);
  const auto two = raw_exchange(run, "{\"id\":6,\"command\":\"status\"}\n{\"id\":7,\"command\":\"status\"}\n", false);
  QVERIFY(two.find("\"id\":6") != std::string::npos);
  QVERIFY(send_control(run, {8, ControlCommand::status})->ok);
  QVERIFY(handled >= 3);
}

void StoreTest::StaleSocketIsReplacedAndRemovedAtTheEnd() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  {
    const auto place = store::open_folder(run).value();
    const sockaddr_un address = store::socket_address(place);
    const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    QCOMPARE(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  QVERIFY(std::filesystem::is_socket(run.control_socket()));
  QVERIFY_FAILS(send_control(run, {1, ControlCommand::status}), ErrorCode::input, "not being trained");
  {
    const auto server = ControlServer::start(run, [](const ControlRequest&) { return ControlReply{}; });
    QVERIFY_OK(server);
    QVERIFY(send_control(run, {1, ControlCommand::status})->ok);
  }
  QVERIFY(!std::filesystem::exists(run.control_socket()));
}

void StoreTest::SilentTrainerIsATimeoutAndNoTrainerASentence() {
  const TemporaryFolder folder;
  const auto run = some_run(Workspace(folder.path()));
  QVERIFY_FAILS(send_control(run, {1, ControlCommand::stop}), ErrorCode::input, "not being trained");
  QVERIFY_FAILS(send_control(RunFolder("/nowhere"), {1, ControlCommand::stop}), ErrorCode::input, "/nowhere");
  const auto place = store::open_folder(run).value();
  const sockaddr_un address = store::socket_address(place);
  const Descriptor silent(::socket(AF_UNIX, SOCK_STREAM, 0));
  QCOMPARE(::bind(silent.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  QCOMPARE(::listen(silent.get(), 1), 0);
  QVERIFY_FAILS(send_control(run, {1, ControlCommand::status}, std::chrono::milliseconds(50)), ErrorCode::storage, "does not answer");
}

void StoreTest::PngIsWholeAndItsSizesAreChecked() {
  const TemporaryFolder folder;
  const std::vector<std::uint8_t> bytes(4 * 3 * 4, 200);
  for (const int channels : {1, 2, 3, 4}) {
    const auto path = folder.path() / "picture.png";
    QVERIFY_OK(write_png(path, 4, 3, channels, std::span(bytes).first(static_cast<std::size_t>(12 * channels))));
    const auto png = *read_text(path);
    QVERIFY(png.starts_with("\x89PNG\r\n\x1a\n"));
    QCOMPARE(png.substr(16, 8), std::string("\0\0\0\4\0\0\0\3", 8));
    QVERIFY(png.find("IEND") != std::string::npos);
  }
  QVERIFY_FAILS(write_png(folder.path() / "x.png", 5, 4, 3, bytes), ErrorCode::defect, "5 x 4");
  QVERIFY_FAILS(write_png("/nowhere/x.png", 4, 3, 4, bytes), ErrorCode::storage, "does not exist");
}

void StoreTest::FullDiskIsNamed() {
  if (!std::filesystem::exists("/dev/full")) QSKIP("/dev/full is not there");
  const Descriptor full(::open("/dev/full", O_WRONLY));
  const std::string text(100'000, 'x');
  const int error = write_all(full.get(), text.data(), text.size());
  QCOMPARE(storage_reason(error), std::string("the disk is full"));
  QVERIFY(storage_reason(EFBIG).find("larger") != std::string::npos);
}

void StoreTest::SafetensorsSurviveARoundTrip() {
  const TemporaryFolder folder;
  const Safetensors document = test::sample_document();
  QVERIFY_OK(write_safetensors(folder.path() / "a.safetensors", document));
  const auto back = read_safetensors(folder.path() / "a.safetensors");
  QVERIFY_OK(back);
  QVERIFY(back->metadata == document.metadata);
  QCOMPARE(back->arrays.size(), document.arrays.size());
  for (const auto& [name, array] : document.arrays) {
    const Array* other = back->find(name);
    QVERIFY(other && other->dtype == array.dtype && other->shape == array.shape && other->bytes == array.bytes);
  }
  QCOMPARE(back->find("model.weight")->as<float>()[4], 5.0f);
  QVERIFY_OK(parse_safetensors(serialise_safetensors({}), "empty"));
}

void StoreTest::EveryDamageOfASafetensorsFileIsAnError_data() {
  QTest::addColumn<QByteArray>("header");
  const auto row = [](const char* name, const char* header) { QTest::newRow(name) << QByteArray(header); };
  // The data are 8 bytes.
  row("not JSON", "{\"a\":");
  row("not an object", "[1]");
  row("entry is a number", R"({"a":1})");
  row("no shape", R"({"a":{"dtype":"F32","data_offsets":[0,8]}})");
  row("unknown type", R"({"a":{"dtype":"F13","shape":[2],"data_offsets":[0,8]}})");
  row("type is a number", R"({"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})");
  row("negative dimension", R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})");
  row("fractional dimension", R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})");
  row("shape overflows", R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})");
  row("dimension too large", R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}})");
  row("offsets outside", R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})");
  row("offsets backwards", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})");
  row("negative offset", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})");
  row("three offsets", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}})");
  row("size differs from shape", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})");
  row("hole", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})");
  row("overlap", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})");
  row("data left over", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})");
  row("no arrays", "{}");
  row("metadata is a list", R"({"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})");
  row("metadata holds a number", R"({"__metadata__":{"step":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})");
}

void StoreTest::EveryDamageOfASafetensorsFileIsAnError() {
  QFETCH(const QByteArray, header);
  std::vector<std::byte> bytes(8 + static_cast<std::size_t>(header.size()) + 8);
  const std::uint64_t size = static_cast<std::uint64_t>(header.size());
  std::memcpy(bytes.data(), &size, 8);
  std::memcpy(bytes.data() + 8, header.constData(), size);
  QVERIFY_FAILS(parse_safetensors(bytes, "bad.safetensors"), ErrorCode::input, "bad.safetensors");
}

void StoreTest::TruncatedSafetensorsAreRefusedAtEveryLength() {
  const auto whole = serialise_safetensors(test::sample_document());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    QVERIFY(!parse_safetensors(std::span(whole).first(length), "cut"));
  }
}

void StoreTest::MutatedSafetensorsNeverCrashTheReader() { QVERIFY(test::survives_mutations(3000, 7)); }

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--hold-lock") return hold_lock_until_killed(argv[2]);
  StoreTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "store_test.moc"
