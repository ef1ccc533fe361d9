// What the generator threads and the control thread of one run share: the job, the clock of the run, and the
// stop flag.
#pragma once

#include <netinet/in.h>
#include <sys/eventfd.h>

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
  const Pattern pattern;
  const std::unique_ptr<WireFactory> wires;
  const sockaddr_in target;
  CpuClocks clocks;
  LivePage& live;
  /// In every thread's epoll, edge-triggered and never read, so that each tick wakes all of them.
  const base::Descriptor ticker;

  /// Called by a generator thread when it has connected, or has failed to; waits until all have. Returns the
  /// window.
  Window awaitStart() {
    std::unique_lock lock(mutex);
    ++arrived;
    changed.notify_all();
    changed.wait(lock, [this] { return started; });
    return window;
  }

  /// Ends the run early, from any thread.
  void stop() {
    const std::lock_guard lock(mutex);
    if (stopped()) return;
    stoppedAt = base::monotonicNs();
    if (started && stoppedAt >= window.t0) {
      clocks.take(CpuClocks::kBegin);
      clocks.take(CpuClocks::kEnd);
    }
    stopFlag.store(true, std::memory_order_relaxed);
  }
  bool stopped() const { return stopFlag.load(std::memory_order_relaxed); }

  /// Makes every waiting thread look at the stop flag and the clock. One thread with a timer is cheaper than
  /// a timer in every wait: setting one costs more than a tenth of an echo on a virtual machine.
  void tick() const { eventfd_write(ticker.fd(), 1); }

  /// A generator thread's last call; `error` is empty unless the thread could not do its work at all.
  void finish(const std::string& error) {
    const std::lock_guard lock(mutex);
    ++finished;
    if (!error.empty() && fatal.empty()) fatal = error;
    changed.notify_all();
  }

  // Guarded by the mutex.
  std::mutex mutex;
  std::condition_variable changed;
  int arrived = 0;
  int finished = 0;
  bool started = false;
  int64_t stoppedAt = INT64_MAX;
  Window window;
  std::string fatal;

 private:
  std::atomic<bool> stopFlag{false};
};

}  // namespace loadgen
