// A worker for tests of the places that look into a model: answers `attend` and `reconstruct` with fake_answers.h, in the order in
// which they come. Every question's kind and whether it brought a mask or an attack is a line of the file in argv[1].

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "support/fake_answers.h"

using namespace mimir;

namespace {

void say(const WorkerAnswer& answer) {
  const auto frame = encode_frame(answer);
  std::fwrite(frame.data(), 1, frame.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  WorkerAnswer hello;
  hello.part = AnswerPart::hello;
  hello.result = {{"build", "0 (fake)"}, {"device", "cpu"}, {"threads", 1}, {"kinds", {"attend", "reconstruct"}}};
  say(hello);
  FrameReader frames;
  std::vector<std::byte> buffer(1 << 16);
  for (;;) {
    const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count <= 0) return 0;
    frames.append({buffer.data(), static_cast<std::size_t>(count)});
    for (auto document = frames.next(); document && *document; document = frames.next()) {
      const auto decoded = decode_request(**document);
      if (!decoded.request) return 3;
      const WorkerRequest& request = *decoded.request;
      if (request.kind == "cancel") continue;
      if (request.kind != "attend" && request.kind != "reconstruct") {
        WorkerAnswer refusal;
        refusal.id = request.id;
        refusal.kind = request.kind;
        refusal.part = AnswerPart::error;
        refusal.code = "usage";
        refusal.message = "there is no kind " + request.kind;
        say(refusal);
        continue;
      }
      if (argc > 1) {
        std::ofstream log(argv[1], std::ios::app);
        log << request.kind << (request.arrays.contains("mask") ? " mask" : "") << (request.options.contains("attack") ? " attack" : "")
            << (request.options.contains("faithfulness") ? " faithfulness" : "") << '\n';
      }
      say(request.kind == "attend" ? fake::attend(request) : fake::reconstruct(request));
    }
  }
}
