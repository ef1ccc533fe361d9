// The page of memory that other processes map to watch a run: a head, then one set of counters per generator
// thread. Every cell is an unsigned 64-bit integer, and every set has a cache line of its own. Only the
// owning thread writes a set, so a relaxed load and store make an increment; readers add the sets up. The
// page lives in a memfd, so nothing stays on disk however the generator ends.
// harness/children/generator/live-counters.ts reads it by these positions.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace loadgen {

constexpr size_t kMaxThreads = 256;

struct alignas(64) LiveHead {
  /// 0 connecting, 1 warm-up, 2 measuring, 3 draining, 4 done.
  std::atomic<uint64_t> phase;
  std::atomic<uint64_t> threads;
};

struct alignas(64) LiveCounters {
  /// Connections open now.
  std::atomic<uint64_t> connected;
  /// Verified answers and failed requests since the run began, warm-up included.
  std::atomic<uint64_t> ok;
  std::atomic<uint64_t> errors;
  /// Bytes received since the run began.
  std::atomic<uint64_t> bytes;
  /// Operations completed inside the window.
  std::atomic<uint64_t> operations;

  static void add(std::atomic<uint64_t>& counter, uint64_t amount) {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
};

struct LivePage {
  LiveHead head;
  LiveCounters threads[kMaxThreads];

  /// Sets everything to zero for a run of `count` threads.
  void reset(size_t count) {
    for (LiveCounters& thread : threads)
      for (auto* cell : {&thread.connected, &thread.ok, &thread.errors, &thread.bytes, &thread.operations})
        cell->store(0, std::memory_order_relaxed);
    head.phase.store(0, std::memory_order_relaxed);
    head.threads.store(count, std::memory_order_relaxed);
  }
};
static_assert(std::atomic<uint64_t>::is_always_lock_free, "the page is read by other processes");
static_assert(sizeof(LivePage) == 64 * (1 + kMaxThreads));

}  // namespace loadgen
