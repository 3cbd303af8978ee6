#include <QTest>

#include "tests/support/expected.h"
#include "tests/support/frame_mutations.h"

using namespace mimir;

class WorkerProtocolTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ARequestComesBackAsItWent();
  void AnAnswerComesBackAsItWent_data();
  void AnAnswerComesBackAsItWent();
  void TheHelloStandsAtTheTop();
  void FramesAreCutFromAnyPieces();
  void AnotherProtocolIsRefusedWithASentence();
  void WhatIsNoRequestIsSaidWithTheIdItHas();
  void ALengthBeyondTheLimitEndsTheStream();
  void NestingWithoutEndIsNoOverflow();
  void ClassesAreTheDataSetsElseTheCheckpoints();
  void ThousandsOfDamagedFramesNeverCrash();
};

namespace {

std::vector<std::byte> document_of(const std::vector<std::byte>& frame) { return {frame.begin() + 8, frame.end()}; }

std::vector<std::byte> document_saying(const std::string& message) {
  Safetensors document;
  document.metadata["message"] = message;
  return serialise_safetensors(document);
}

}  // namespace

void WorkerProtocolTest::ARequestComesBackAsItWent() {
  const WorkerRequest request = test::sample_request();
  const DecodedRequest decoded = decode_request(document_of(encode_frame(request)));
  QCOMPARE(decoded.id, std::int64_t{7});
  QVERIFY_OK(decoded.request);
  QCOMPARE(decoded.request->kind, request.kind);
  QVERIFY(decoded.request->options == request.options);
  QVERIFY(decoded.request->arrays.at("image").bytes == request.arrays.at("image").bytes);
  QVERIFY(decoded.request->arrays.at("image").shape == request.arrays.at("image").shape);
}

void WorkerProtocolTest::AnAnswerComesBackAsItWent_data() {
  QTest::addColumn<int>("part");
  for (const AnswerPart part : {AnswerPart::progress, AnswerPart::better, AnswerPart::final, AnswerPart::error, AnswerPart::cancelled}) {
    QTest::newRow(answer_part_name(part)) << static_cast<int>(part);
  }
}

void WorkerProtocolTest::AnAnswerComesBackAsItWent() {
  QFETCH(int, part);
  WorkerAnswer answer{3, "attend", static_cast<AnswerPart>(part), "ü \"word\"", "input", {{"done", 2}, {"total", 5}}, {}};
  answer.arrays["map"] = Array::of<float>(Dtype::f32, {2}, std::vector<float>{1, 2});
  const auto decoded = decode_answer(document_of(encode_frame(answer)));
  QVERIFY_OK(decoded);
  QCOMPARE(decoded->id, answer.id);
  QCOMPARE(decoded->kind, answer.kind);
  QVERIFY(decoded->part == answer.part);
  QCOMPARE(decoded->message, answer.message);
  QCOMPARE(decoded->code, answer.code);
  QVERIFY(decoded->result == answer.result);
  QVERIFY(decoded->arrays.at("map").bytes == answer.arrays.at("map").bytes);
  QCOMPARE(decoded->ends(), answer.part != AnswerPart::progress && answer.part != AnswerPart::better);
}

void WorkerProtocolTest::TheHelloStandsAtTheTop() {
  WorkerAnswer hello;
  hello.part = AnswerPart::hello;
  hello.result = {{"build", "1"}, {"threads", 2}};
  const auto decoded = decode_answer(document_of(encode_frame(hello)));
  QVERIFY_OK(decoded);
  QVERIFY(decoded->part == AnswerPart::hello);
  QVERIFY(!decoded->ends());
  QCOMPARE(decoded->result["protocol"].get<int>(), kWorkerProtocol);
  QCOMPARE(decoded->result["build"].get<std::string>(), std::string("1"));
}

void WorkerProtocolTest::FramesAreCutFromAnyPieces() {
  const auto one = encode_frame(test::sample_request());
  std::vector<std::byte> stream;
  for (int i = 0; i < 5; ++i) stream.insert(stream.end(), one.begin(), one.end());
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, one.size() - 1, one.size() + 3, stream.size()}) {
    FrameReader reader;
    int frames = 0;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.append(std::span(stream).subspan(at, std::min(piece, stream.size() - at)));
      while (const auto document = reader.next().value()) {
        QVERIFY(*document == document_of(one));
        ++frames;
      }
    }
    QCOMPARE(frames, 5);
    QVERIFY(!reader.in_frame());
    reader.append(std::span(one).first(9));
    QVERIFY(reader.in_frame());
  }
}

void WorkerProtocolTest::AnotherProtocolIsRefusedWithASentence() {
  for (const char* message : {R"({"protocol":2,"id":4,"kind":"attend"})", R"({"id":4,"kind":"attend"})", R"({"protocol":"1","id":4,"kind":"a"})"}) {
    const DecodedRequest decoded = decode_request(document_saying(message));
    QCOMPARE(decoded.id, std::int64_t{4});
    QVERIFY_FAILS(decoded.request, ErrorCode::usage, "protocol 1");
    QVERIFY_FAILS(decode_answer(document_saying(message)), ErrorCode::usage, "protocol 1");
  }
}

void WorkerProtocolTest::WhatIsNoRequestIsSaidWithTheIdItHas() {
  const auto decoded = [](const char* message) { return decode_request(document_saying(message)); };
  QVERIFY_FAILS(decoded("[1]").request, ErrorCode::input, "JSON object");
  QVERIFY_FAILS(decoded("{").request, ErrorCode::input, "JSON object");
  QVERIFY_FAILS(decoded(R"({"protocol":1,"kind":"attend"})").request, ErrorCode::input, "id");
  QVERIFY_FAILS(decoded(R"({"protocol":1,"id":-3,"kind":"attend"})").request, ErrorCode::input, "id");
  QCOMPARE(decoded(R"({"protocol":1,"id":1e40,"kind":"attend"})").id, std::int64_t{-1});
  QVERIFY_FAILS(decoded(R"({"protocol":1,"id":9})").request, ErrorCode::input, "kind");
  QCOMPARE(decoded(R"({"protocol":1,"id":9})").id, std::int64_t{9});
  QVERIFY_FAILS(decoded(R"({"protocol":1,"id":9,"kind":"attend","options":[]})").request, ErrorCode::input, "options");
  QVERIFY_FAILS(decode_request(serialise_safetensors({})).request, ErrorCode::input, "no message");
  QVERIFY_FAILS(decode_request({}).request, ErrorCode::input, "too short");
  QVERIFY_FAILS(decode_answer(document_saying(R"({"protocol":1,"id":9,"part":"best"})")), ErrorCode::input, "part");
}

void WorkerProtocolTest::ALengthBeyondTheLimitEndsTheStream() {
  FrameReader reader;
  std::vector<std::byte> bytes(64, std::byte{0});
  const std::uint64_t length = kLargestFrame + 1;
  std::memcpy(bytes.data(), &length, 8);
  reader.append(bytes);
  QVERIFY_FAILS(reader.next(), ErrorCode::input, "largest");
  reader.append(encode_frame(test::sample_request()));
  QVERIFY_FAILS(reader.next(), ErrorCode::input, "largest");
}

void WorkerProtocolTest::NestingWithoutEndIsNoOverflow() {
  const std::string deep = std::string(300'000, '[') + std::string(300'000, ']');
  const DecodedRequest decoded = decode_request(document_saying(R"({"protocol":1,"id":1,"kind":"a","options":{"x":)" + deep + "}}"));
  QVERIFY_OK(decoded.request);
  QVERIFY_FAILS(decode_request(document_saying(R"({"id":1,"kind":"a","protocol":)" + deep + "}")).request, ErrorCode::usage, "protocol");
}

void WorkerProtocolTest::ClassesAreTheDataSetsElseTheCheckpoints() {
  const nlohmann::json checkpoint = {{"classes", {"disc", "ring"}}};
  QVERIFY(class_names({{"data", {{"classes", {"cat", 3}}}}, {"checkpoint", checkpoint}}) == (std::vector<std::string>{"cat", ""}));
  QVERIFY(class_names({{"data", nullptr}, {"checkpoint", checkpoint}}) == (std::vector<std::string>{"disc", "ring"}));
  for (const nlohmann::json& none : {nlohmann::json(nullptr), nlohmann::json::array({1}), nlohmann::json{{"data", 5}}, nlohmann::json{{"data", {{"classes", "cat"}}}}}) {
    QVERIFY(class_names(none).empty());
  }
}

void WorkerProtocolTest::ThousandsOfDamagedFramesNeverCrash() { QVERIFY(test::frames_survive_mutations(5000, 3)); }

QTEST_APPLESS_MAIN(WorkerProtocolTest)
#include "worker_protocol_test.moc"
