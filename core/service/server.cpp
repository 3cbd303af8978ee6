#include "core/service/server.h"

#include <ATen/Parallel.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "core/base/version.h"
#include "core/service/service.h"

namespace mimir {
namespace {

/// A request on its way, with what stops it.
struct Work {
  WorkerRequest request;
  StopSource stop;
};

class Server {
 public:
  Server(int in, int out, const Compute& compute, const std::filesystem::path& workspace)
      : in_(in), out_(out), compute_(compute), service_(compute, workspace) {}

  Expected<void> run() {
    greet();
    std::thread computing([this] { compute(); });
    const auto read = read_all();
    if (!read) stop_all();
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_one();
    computing.join();  // what was asked before the end is answered
    if (!read) return read;
    const std::lock_guard lock(out_mutex_);
    if (broken_) return fail(ErrorCode::storage, "the answers could not be written: {}", std::strerror(broken_));
    return {};
  }

 private:
  void greet() {
    WorkerAnswer hello;
    hello.kind = "hello";
    hello.part = AnswerPart::hello;
    hello.result = {{"build", fmt::format("{} ({})", version(), git_revision())}, {"device", compute_.device.str()}, {"threads", compute_.threads},
                    {"kinds", services().ids()}};
    send(hello);
  }

  Expected<void> read_all() {
    FrameReader reader;
    std::vector<std::byte> piece(1 << 16);
    while (true) {
      const ssize_t got = ::read(in_, piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      reader.append(std::span(piece).first(static_cast<std::size_t>(got)));
      while (true) {
        auto document = reader.next();
        if (!document) {
          refuse(-1, document.error());
          return pass_on(document);
        }
        if (!*document) break;
        take(**document);
      }
    }
    if (!reader.in_frame()) return {};
    const Error error{ErrorCode::input, "the last frame ends too early", {}};
    refuse(-1, error);
    return tl::unexpected<Error>(error);
  }

  void take(std::span<const std::byte> document) {
    DecodedRequest decoded = decode_request(document);
    if (!decoded.request) return refuse(decoded.id, decoded.request.error());
    if (decoded.request->kind == "cancel") return cancel(decoded.id);
    auto work = std::make_shared<Work>();
    work->request = std::move(*decoded.request);
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(work));
    }
    wake_.notify_one();
  }

  /// A waiting one is answered by the computing thread when its turn comes: at once, as it is cancelled by then.
  void cancel(std::int64_t id) {
    const std::lock_guard lock(mutex_);
    if (running_ && running_->request.id == id) running_->stop.request(Stop::now);
    for (auto& work : queue_) {
      if (work->request.id == id) work->stop.request(Stop::now);
    }
  }

  void stop_all() {
    const std::lock_guard lock(mutex_);
    for (auto& work : queue_) work->stop.request(Stop::now);
    if (running_) running_->stop.request(Stop::now);
  }

  void compute() {
    at::set_num_threads(compute_.threads);
    while (true) {
      {
        std::unique_lock lock(mutex_);
        running_.reset();
        wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
        if (queue_.empty()) return;
        running_ = queue_.front();
        queue_.pop_front();
      }
      send(service_.answer(running_->request, StopToken(running_->stop), [this](const WorkerAnswer& part) { send(part); }));
    }
  }

  void refuse(std::int64_t id, const Error& error) {
    WorkerAnswer answer;
    answer.id = id;
    answer.part = AnswerPart::error;
    answer.message = error.message;
    answer.code = error_code_name(error.code);
    send(answer);
  }

  void send(const WorkerAnswer& answer) {
    const std::vector<std::byte> frame = encode_frame(answer);
    {
      const std::lock_guard lock(out_mutex_);
      for (std::size_t at = 0; at < frame.size() && !broken_;) {
        const ssize_t wrote = ::write(out_, frame.data() + at, frame.size() - at);
        if (wrote >= 0) at += static_cast<std::size_t>(wrote);
        else if (errno != EINTR) broken_ = errno;
      }
      if (!broken_) return;
    }
    stop_all();  // nobody listens any more
  }

  const int in_, out_;
  const Compute& compute_;
  Service service_;  ///< of the computing thread alone

  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_; the computing thread alone replaces running_.
  std::deque<std::shared_ptr<Work>> queue_;
  std::shared_ptr<Work> running_;
  bool ending_ = false;

  std::mutex out_mutex_;
  int broken_ = 0;  ///< errno of a failed write; guarded by out_mutex_
};

}  // namespace

Expected<void> serve(int in, int out, const Compute& compute, const std::filesystem::path& workspace) {
  return Server(in, out, compute, workspace).run();
}

}  // namespace mimir
