// The control thread of a session: it starts the generator threads, has them connect, sets the clock of each
// slice, publishes the live counters, makes sure that the CPU clocks are read, and merges the tallies.
#include "engine.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "churn.h"
#include "closed.h"
#include "datagrams.h"
#include "open.h"

namespace loadgen {

namespace {

/// From the last thread's arrival to the start of the load: long enough for all to wake up.
constexpr int64_t kLeadNs = base::kMillisecondNs;
/// How far a stall may put off the end of a window.
constexpr int64_t kLongestStallNs = base::kSecondNs;
/// How long a waiting thread may take to notice a stop or a timeout.
constexpr int64_t kTickNs = 20 * base::kMillisecondNs;

std::unique_ptr<Worker> makeWorker(Run& run, int index) {
  if (run.job.protocol == kDatagrams) return std::make_unique<DatagramWorker>(run, index);
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

/// As the live counters name them; see live.h.
enum class Phase : uint64_t { Connecting, WarmUp, Measuring, Draining, Done };

Phase phaseAt(const Window& window, int64_t now) {
  if (now < window.t0) return Phase::WarmUp;
  return now < window.t1 ? Phase::Measuring : Phase::Draining;
}

/// Follows the clock until all threads have finished.
void supervise(Run& run) {
  std::unique_lock lock(run.mutex);
  while (run.finished < run.threads) {
    const int64_t now = base::monotonicNs();
    const Phase phase = phaseAt(run.window, now);
    run.live.head.phase.store(static_cast<uint64_t>(phase), std::memory_order_relaxed);
    if (phase >= Phase::Measuring) run.clocks.take(CpuClocks::Boundary::Begin);
    if (phase >= Phase::Draining && run.isEndFixed) run.clocks.take(CpuClocks::Boundary::End);
    const int64_t boundary = phase == Phase::WarmUp      ? run.window.t0
                             : phase == Phase::Measuring ? run.window.t1
                                                         : INT64_MAX;
    const int64_t wakeAt = std::min(boundary, now + kTickNs);
    run.changed.wait_until(lock, pointAt(wakeAt));
    run.longestPauseNs = std::max(run.longestPauseNs, base::monotonicNs() - wakeAt);
    run.tick();
  }
}

}  // namespace

Session::Session(const Job& job, LivePage& live) : job_(job), run_(job_, live) {
  for (int i = 0; i < run_.threads; ++i) workers_.push_back(makeWorker(run_, i));
  try {
    for (const auto& worker : workers_) {
      threads_.emplace_back([&worker] { worker->main(); });
      pthread_setname_np(threads_.back().native_handle(), "loadgen");
    }
  } catch (...) {
    // The threads that did start wait for a command; they must be let go before they can be joined.
    end();
    throw;
  }
}

Session::~Session() { end(); }

void Session::end() {
  {
    const std::lock_guard lock(run_.mutex);
    run_.order(Run::Command::End);
  }
  threads_.clear();
}

void Session::open() { prepare(); }

void Session::prepare() {
  std::unique_lock lock(run_.mutex);
  run_.window = Window();
  run_.order(Run::Command::Prepare);
  const auto done = [this] { return run_.finished == run_.threads; };
  while (!run_.changed.wait_for(lock, std::chrono::nanoseconds(kTickNs), done)) run_.tick();
  if (!run_.fatal.empty()) throw std::runtime_error(run_.fatal);
}

Result Session::run(const Slice& slice) {
  prepare();
  run_.clocks.reset(slice.neighbourPids);
  {
    const std::lock_guard lock(run_.mutex);
    run_.seed = slice.seed;
    run_.stallNs = job_.loop == Loop::Open ? slice.stallNs : 0;
    run_.isEndFixed = run_.stallNs == 0;
    run_.longestPauseNs = 0;
    run_.startNs = slice.startNs;
    run_.startedNs = 0;
    run_.window.start = std::max(base::monotonicNs() + kLeadNs, slice.startNs);
    run_.window.t0 = run_.window.start + slice.discardNs;
    run_.window.t1 = run_.window.t0 + slice.durationNs;
    run_.latestEnd = run_.window.t1 + kLongestStallNs;
    run_.order(Run::Command::Load);
  }
  supervise(run_);
  if (!run_.fatal.empty()) throw std::runtime_error(run_.fatal);

  Result result;
  for (const auto& worker : workers_) result.tally.merge(worker->takeTally());
  run_.live.head.phase.store(static_cast<uint64_t>(Phase::Done), std::memory_order_relaxed);
  result.startedNs = run_.startedNs;
  result.longestPauseNs = run_.longestPauseNs;
  result.windowNs = std::max<int64_t>(0, std::min(run_.window.t1, run_.stoppedAt) - run_.window.t0);
  if (result.windowNs == 0) return result;
  result.serverCpuNs = run_.clocks.serverNs();
  result.neighboursCpuNs = run_.clocks.neighboursNs();
  result.processCpuNs = run_.clocks.processNs();
  result.threadCpuNs = run_.clocks.threadNs();
  result.threadWaitNs = run_.clocks.threadWaitNs();
  return result;
}

Result runLoad(const Job& job, LivePage& live) {
  Session session(job, live);
  return session.run({.startNs = 0,
                      .discardNs = job.warmupNs,
                      .durationNs = job.durationNs,
                      .seed = job.seed,
                      .stallNs = 0,
                      .neighbourPids = {}});
}

}  // namespace loadgen
