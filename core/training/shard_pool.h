#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace mimir {

/// A half-open range of a batch.
struct ShardRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const { return end - begin; }
};

/// `shards` ranges over `count` items, as even as can be, the longer ones first; empty ones are left out.
std::vector<ShardRange> split_batch(std::int64_t count, int shards);

/// Threads that compute shards, each with single-threaded operations: on a CPU that beats threads inside an operation
/// and does not collapse when other programs use the cores. The calling thread is one of them.
class ShardPool {
 public:
  explicit ShardPool(int threads);
  ~ShardPool();
  ShardPool(const ShardPool&) = delete;
  ShardPool& operator=(const ShardPool&) = delete;

  /// Calls work(0) … work(count - 1), each once, and returns when all are done. Which thread takes which index is
  /// open, so results must not depend on it. If any throws, the exception of the smallest index is thrown here.
  void run(int count, const std::function<void(int)>& work);
  int threads() const { return static_cast<int>(workers_.size()) + 1; }

 private:
  void work_loop();
  void take_work();

  std::mutex mutex_;
  std::condition_variable wake_;   ///< a new batch of work, or the end
  std::condition_variable done_;   ///< the last index is finished
  // All below is guarded by mutex_.
  const std::function<void(int)>* work_ = nullptr;
  int count_ = 0;
  int next_ = 0;
  int unfinished_ = 0;
  bool ending_ = false;
  std::vector<std::exception_ptr> failures_;

  std::vector<std::thread> workers_;
};

}  // namespace mimir
