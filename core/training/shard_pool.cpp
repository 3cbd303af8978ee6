#include "core/training/shard_pool.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace mimir {

std::vector<ShardRange> split_batch(std::int64_t count, int shards) {
  std::vector<ShardRange> ranges;
  std::int64_t begin = 0;
  for (int i = 0; i < shards; ++i) {
    const std::int64_t size = count / shards + (i < count % shards ? 1 : 0);
    if (size > 0) ranges.push_back({begin, begin + size});
    begin += size;
  }
  return ranges;
}

ShardPool::ShardPool(int threads) {
  at::set_num_threads(1);
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work_loop(); });
}

ShardPool::~ShardPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ShardPool::run(int count, const std::function<void(int)>& work) {
  if (count <= 0) return;
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    count_ = count;
    next_ = 0;
    unfinished_ = count;
    failures_.assign(static_cast<std::size_t>(count), nullptr);
  }
  if (count > 1) wake_.notify_all();
  take_work();
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return unfinished_ == 0; });
  work_ = nullptr;
  const auto failed = std::find_if(failures_.begin(), failures_.end(), [](const auto& f) { return f != nullptr; });
  if (failed != failures_.end()) std::rethrow_exception(*failed);
}

void ShardPool::work_loop() {
  at::set_num_threads(1);
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || (work_ != nullptr && next_ < count_); });
      if (ending_) return;
    }
    take_work();
  }
}

void ShardPool::take_work() {
  for (;;) {
    int index = 0;
    const std::function<void(int)>* work = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (work_ == nullptr || next_ >= count_) return;
      index = next_++;
      work = work_;
    }
    std::exception_ptr failure;
    try {
      (*work)(index);
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    failures_[static_cast<std::size_t>(index)] = failure;
    if (--unfinished_ == 0) done_.notify_all();
  }
}

}  // namespace mimir
