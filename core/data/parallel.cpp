#include "core/data/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace mimir {

Expected<void> for_each_parallel(std::int64_t count, const std::function<Expected<void>(std::int64_t)>& work, StopToken stop) {
  std::atomic<std::int64_t> next = 0;
  std::atomic<std::int64_t> end = count;  // nothing at or beyond it is begun any more
  std::mutex mutex;
  std::optional<Error> error;          // guarded by mutex: the failure at error_at
  std::int64_t error_at = count;       // guarded by mutex
  std::exception_ptr exception;        // guarded by mutex

  const auto run = [&] {
    for (std::int64_t i = next++; i < end && !stop.cancelled(); i = next++) {
      try {
        auto done = work(i);
        if (done) continue;
        const std::lock_guard lock(mutex);
        if (i < error_at) {
          error = std::move(done.error());
          error_at = i;
          end = i;
        }
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!exception) exception = std::current_exception();
        end = 0;
      }
    }
  };
  std::vector<std::thread> threads;
  const std::int64_t wanted = std::min<std::int64_t>(std::thread::hardware_concurrency(), count);
  for (std::int64_t t = 1; t < wanted; ++t) threads.emplace_back(run);
  run();
  for (std::thread& thread : threads) thread.join();

  if (exception) std::rethrow_exception(exception);
  if (stop.cancelled()) return fail(ErrorCode::stopped, "stopped while the data were read");
  if (error) return tl::unexpected<Error>(std::move(*error));
  return {};
}

}  // namespace mimir
