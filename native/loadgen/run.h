// What the generator threads and the control thread of one run share: the job, the clock of the run, and the
// stop flag.
#pragma once

#include <netinet/in.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "../base/clock.h"
#include "../base/descriptor.h"
#include "../base/error.h"
#include "cpu_clocks.h"
#include "job.h"
#include "live.h"
#include "pattern.h"
#include "socket.h"
#include "tally.h"
#include "wire.h"

namespace loadgen {

struct Run {
  Run(const Job& job, LivePage& live)
      : job(job),
        threads(job.threads < job.connections ? job.threads : job.connections),
        allThreads(job.allThreads > 0 ? job.allThreads : threads),
        pattern(job.seed, job.payloadBytes),
        wires(wireFactory(job)),
        target(addressOf(job.host, job.port)),
        clocks(threads, job.serverPids),
        live(live),
        ticker(base::require(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
    live.reset(static_cast<size_t>(threads));
  }

  const Job& job;
  /// Never more threads than connections, so that no thread is idle by construction.
  const int threads;
  /// Those of all shards of the load.
  const int allThreads;
  const Pattern pattern;
  const std::unique_ptr<WireFactory> wires;
  const sockaddr_in target;
  CpuClocks clocks;
  LivePage& live;
  /// In every thread's epoll, edge-triggered and never read, so that each tick wakes all of them.
  const base::Descriptor ticker;

  /// The seed of the present slice's schedule; set while no thread loads.
  uint64_t seed = 0;
  /// A request that is unanswered for so long at the end of an open loop's window puts that end off; 0 never
  /// does. Set while no thread loads.
  int64_t stallNs = 0;
  /// When the threads are to begin, on the monotonic clock; 0 when each begins as soon as it can. Set while
  /// no thread loads.
  int64_t startNs = 0;

  /// What the control thread orders all generator threads to do next, one command at a time.
  enum class Command { Prepare, Load, End };

  /// Called by a generator thread; waits for the next command after number `seen`, and counts it.
  Command awaitCommand(uint64_t& seen) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return commands > seen; });
    seen = commands;
    return command;
  }

  /// Called by a generator thread when it has done what it was ordered; `error` is empty unless it could not
  /// do its work at all.
  void done(const std::string& error) {
    const std::lock_guard lock(mutex);
    ++finished;
    if (!error.empty() && fatal.empty()) fatal = error;
    changed.notify_all();
  }

  /// Called by the control thread, with the mutex held.
  void order(Command next) {
    command = next;
    ++commands;
    finished = 0;
    changed.notify_all();
  }

  /// Ends the run early, from any thread.
  void stop() {
    const std::lock_guard lock(mutex);
    if (stopped()) return;
    stoppedAt = base::monotonicNs();
    if (window.t0 != 0 && stoppedAt >= window.t0) {
      clocks.take(CpuClocks::Boundary::Begin);
      clocks.take(CpuClocks::Boundary::End);
    }
    stopFlag_.store(true, std::memory_order_relaxed);
  }
  /// Called by each generator thread that reaches the end of the window; returns the end that holds, which is
  /// beyond `now` when a thread finds its server stalled before any thread found it well.
  int64_t endReached(int64_t now, bool isStalled) {
    const std::lock_guard lock(mutex);
    if (window.t1 > now || isEndFixed) return window.t1;
    if (isStalled && now < latestEnd)
      window.t1 = window.t0 + ((now - window.t0) / kSeriesStepNs + 1) * kSeriesStepNs;
    else
      isEndFixed = true;
    return window.t1;
  }
  bool stopped() const { return stopFlag_.load(std::memory_order_relaxed); }

  /// Makes every waiting thread look at the stop flag and the clock. One thread with a timer is cheaper than
  /// a timer in every wait: setting one costs more than a tenth of an echo on a virtual machine.
  void tick() const { eventfd_write(ticker.fd(), 1); }

  // Guarded by the mutex.
  std::mutex mutex;
  std::condition_variable changed;
  Command command = Command::Prepare;
  uint64_t commands = 0;
  /// Threads that have done what was ordered last.
  int finished = 0;
  int64_t stoppedAt = INT64_MAX;
  Window window;
  /// Whether a stall may no longer put off the end of the window.
  bool isEndFixed = true;
  /// A server that is overloaded answers late for ever, and no later end would see it well.
  int64_t latestEnd = 0;
  /// When the last thread began.
  int64_t startedNs = 0;
  /// The latest that the control thread woke up in the present slice, after the time it had set.
  int64_t longestPauseNs = 0;
  std::string fatal;

 private:
  std::atomic<bool> stopFlag_{false};
};

}  // namespace loadgen
