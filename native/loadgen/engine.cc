// The control thread of a run: it starts the generator threads, sets the clock when all have connected,
// publishes the live counters, makes sure that the CPU clocks are read, and merges the tallies.
#include "engine.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "churn.h"
#include "closed.h"
#include "open.h"

namespace loadgen {

namespace {

/// From the last thread's arrival to the start of the load: long enough for all to wake up.
constexpr int64_t kLeadNs = base::kMillisecondNs;
/// How long a waiting thread may take to notice a stop or a timeout.
constexpr int64_t kTickNs = 20 * base::kMillisecondNs;

std::unique_ptr<Worker> makeWorker(Run& run, int index) {
  switch (run.job.loop) {
    case Loop::Closed:
      return std::make_unique<ClosedWorker>(run, index);
    case Loop::Open:
      return std::make_unique<OpenWorker>(run, index);
    case Loop::Churn:
      return std::make_unique<ChurnWorker>(run, index);
  }
  throw std::invalid_argument("unknown loop");
}

std::chrono::steady_clock::time_point pointAt(int64_t ns) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(ns));
}

enum Phase : uint64_t { kConnecting, kWarmUp, kMeasuring, kDraining, kDone };

Phase phaseAt(const Window& window, int64_t now) {
  if (now < window.t0) return kWarmUp;
  return now < window.t1 ? kMeasuring : kDraining;
}

/// Waits for all threads to connect and starts the clock.
void startClock(Run& run) {
  std::unique_lock lock(run.mutex);
  const auto arrived = [&run] { return run.arrived == run.threads; };
  while (!run.changed.wait_for(lock, std::chrono::nanoseconds(kTickNs), arrived)) run.tick();
  run.window.start = base::monotonicNs() + kLeadNs;
  run.window.t0 = run.window.start + run.job.warmupNs;
  run.window.t1 = run.window.t0 + run.job.durationNs;
  run.started = true;
  run.changed.notify_all();
}

/// Follows the clock until all threads have finished.
void supervise(Run& run) {
  std::unique_lock lock(run.mutex);
  while (run.finished < run.threads) {
    const int64_t now = base::monotonicNs();
    const Phase phase = phaseAt(run.window, now);
    run.live.head.phase.store(phase, std::memory_order_relaxed);
    if (phase >= kMeasuring) run.clocks.take(CpuClocks::kBegin);
    if (phase >= kDraining) run.clocks.take(CpuClocks::kEnd);
    const int64_t boundary = phase == kWarmUp      ? run.window.t0
                             : phase == kMeasuring ? run.window.t1
                                                   : INT64_MAX;
    run.changed.wait_until(lock, pointAt(std::min(boundary, now + kTickNs)));
    run.tick();
  }
}

}  // namespace

Result runLoad(const Job& job, LivePage& live) {
  Run run(job, live);
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < run.threads; ++i) workers.push_back(makeWorker(run, i));
  {
    std::vector<std::jthread> threads;
    try {
      for (const auto& worker : workers) {
        threads.emplace_back([&worker] { worker->main(); });
        pthread_setname_np(threads.back().native_handle(), "loadgen");
      }
    } catch (...) {
      // The threads that did start wait for the clock; they must be let go before they can be joined.
      run.stop();
      const std::lock_guard lock(run.mutex);
      run.started = true;
      run.changed.notify_all();
      throw;
    }
    startClock(run);
    supervise(run);
  }
  if (!run.fatal.empty()) throw std::runtime_error(run.fatal);

  Result result;
  for (const auto& worker : workers) result.tally.merge(worker->tally());
  workers.clear();
  live.head.phase.store(kDone, std::memory_order_relaxed);
  result.windowNs = std::max<int64_t>(0, std::min(run.window.t1, run.stoppedAt) - run.window.t0);
  if (result.windowNs == 0) return result;
  result.serverCpuNs = run.clocks.serverNs();
  result.processCpuNs = run.clocks.processNs();
  result.threadCpuNs = run.clocks.threadNs();
  result.threadWaitNs = run.clocks.threadWaitNs();
  return result;
}

}  // namespace loadgen
