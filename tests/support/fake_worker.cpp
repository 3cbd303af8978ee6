// A worker for tests of the window: the frames of `mimir serve`, answered without libtorch. Of its kinds
//   echo      gives back options and tensors
//   slow      {ms}: progress every so often until it is cancelled
//   die       {once: FILE}: ends by SIGKILL, and no more once FILE is there
//   nonsense  writes text to stdout
//   images, attack   pictures of 8 x 8 pixels, of which a linear classifier of four classes is attacked by PGD; a run named
//             "mae" is refused as `mimir serve` refuses a masked autoencoder
// Started with "silent" it says nothing at all, with "text" it says hello in words, with "refuse" it ends with code 2.

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "core/store/worker_protocol.h"
#include "tests/support/fake_attack.h"

using namespace mimir;

namespace {

class Inbox {
 public:
  /// Until stdin ends.
  void read() {
    FrameReader frames;
    std::vector<std::byte> buffer(1 << 16);
    for (;;) {
      const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
      if (count <= 0) std::_Exit(0);
      frames.append({buffer.data(), static_cast<std::size_t>(count)});
      for (auto document = frames.next(); document && *document; document = frames.next()) {
        auto decoded = decode_request(**document);
        if (!decoded.request) std::_Exit(3);
        const std::lock_guard lock(mutex_);
        if (decoded.request->kind == "cancel") {
          cancelled_.insert(decoded.id);
        } else {
          waiting_.push_back(std::move(*decoded.request));
        }
        news_.notify_all();
      }
    }
  }
  WorkerRequest next() {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [this] { return !waiting_.empty(); });
    WorkerRequest request = std::move(waiting_.front());
    waiting_.pop_front();
    return request;
  }
  /// Waits this long for the question to be taken back.
  bool cancelled_within(std::int64_t id, int ms) {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return cancelled_.contains(id); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::deque<WorkerRequest> waiting_;   // mutex_
  std::set<std::int64_t> cancelled_;    // mutex_
};

void say(const WorkerAnswer& answer) {
  const auto frame = encode_frame(answer);
  std::fwrite(frame.data(), 1, frame.size(), stdout);
  std::fflush(stdout);
}

WorkerAnswer reply(const WorkerRequest& request, AnswerPart part) {
  WorkerAnswer answer;
  answer.id = request.id;
  answer.kind = request.kind;
  answer.part = part;
  return answer;
}

void answer(Inbox& inbox, const WorkerRequest& request) {
  WorkerAnswer last = reply(request, AnswerPart::final);
  if (request.kind == "echo") {
    last.result = request.options;
    last.result["process"] = getpid();
    last.arrays = request.arrays;
  } else if (request.kind == "slow") {
    for (int i = 0;; ++i) {
      WorkerAnswer progress = reply(request, AnswerPart::progress);
      progress.result = {{"done", i}, {"total", 1000}};
      say(progress);
      if (!inbox.cancelled_within(request.id, request.options.value("ms", 10))) continue;
      last.part = AnswerPart::cancelled;
      break;
    }
  } else if (request.kind == "die") {
    const std::string once = request.options.value("once", std::string());
    if (once.empty() || !std::filesystem::exists(once)) {
      if (!once.empty()) std::ofstream(once) << "died\n";
      std::raise(SIGKILL);
    }
  } else if (request.kind == "nonsense") {
    std::puts("Segmentation fault, or so it seems");
    std::fflush(stdout);
    std::this_thread::sleep_for(std::chrono::hours(1));
  } else if (request.kind == "images") {
    fake::images(request, last);
  } else if (request.kind == "attack") {
    fake::attack(request, last, say);
  } else {
    last.part = AnswerPart::error;
    last.code = "usage";
    last.message = "there is no kind " + request.kind;
  }
  say(last);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string manner = argc > 1 ? argv[1] : "";
  if (manner == "silent") std::this_thread::sleep_for(std::chrono::hours(1));
  if (manner == "text") std::puts("Welcome to this host! Last login: today.");
  if (manner == "refuse") {
    std::fputs("mimir: there is no command serve.\n", stderr);
    return 2;
  }
  WorkerAnswer hello;
  hello.part = AnswerPart::hello;
  hello.result = {{"build", "0 (fake)"}, {"device", "cpu"}, {"threads", 1}, {"kinds", {"attack", "die", "echo", "images", "nonsense", "slow"}}};
  say(hello);
  Inbox inbox;
  std::thread([&inbox] { inbox.read(); }).detach();
  for (;;) answer(inbox, inbox.next());
}
