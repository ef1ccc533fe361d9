// The load generator as others use it: a session with one server, whose connections stay while slices of load
// come and go, and a run, which is a session of one slice. All calls block; make them on a thread that may.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "job.h"
#include "live.h"
#include "run.h"
#include "tally.h"
#include "worker.h"

namespace loadgen {

struct Result {
  Tally tally;
  /// When the last thread began to load, on the monotonic clock.
  int64_t startedNs = 0;
  /// How long the window really was; shorter than ordered when the run was stopped early, 0 when it never
  /// began.
  int64_t windowNs = 0;
  std::optional<int64_t> serverCpuNs;
  /// Of the processes that were to keep quiet meanwhile.
  std::optional<int64_t> neighboursCpuNs;
  std::optional<int64_t> processCpuNs;
  /// The longest time that this process did not run although it was to, because it was stopped, or its CPU
  /// was not free.
  int64_t longestPauseNs = 0;
  std::vector<int64_t> threadCpuNs;
  /// Empty where the kernel does not count it.
  std::vector<int64_t> threadWaitNs;

  /// As `Tally::eachField`; the fields of the tally are not among these.
  template <class Visit>
  static void eachField(Visit&& visit) {
    visit("startedNs", &Result::startedNs);
    visit("windowNs", &Result::windowNs);
    visit("serverCpuNs", &Result::serverCpuNs);
    visit("neighboursCpuNs", &Result::neighboursCpuNs);
    visit("processCpuNs", &Result::processCpuNs);
    visit("longestPauseNs", &Result::longestPauseNs);
    visit("threadCpuNs", &Result::threadCpuNs);
    visit("threadWaitNs", &Result::threadWaitNs);
  }
};

struct Slice {
  /// When to begin, on the monotonic clock; a moment that has passed means at once.
  int64_t startNs = 0;
  /// Load before the window, which no number holds.
  int64_t discardNs = 0;
  int64_t durationNs = 0;
  /// Of the arrivals, so that no two slices meet the same bursts.
  uint64_t seed = 0;
  /// In an open loop, a request that is unanswered for so long when the window ends puts that end off until
  /// none is, so that a stall counts whole; 0 ends the window in any case.
  int64_t stallNs = 0;
  /// Processes whose CPU time in the window is read beside the server's.
  std::vector<pid_t> neighbourPids;
};

/// Every call throws std::exception when the generator itself cannot work; a server's faults are in the
/// result.
class Session {
 public:
  /// Starts the threads. The page must live as long as the session.
  Session(const Job& job, LivePage& live);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Opens the connections. Whatever fails is in the result of the next slice.
  void open();
  /// Opens again what the server closed since the last slice, loads it, and waits until every request is
  /// answered. After a slice with an error there is no load any more, and the window is 0 long.
  Result run(const Slice& slice);

 private:
  void prepare();
  void end();

  Job job_;
  Run run_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::jthread> threads_;
};

/// One session with one slice, as the job orders it.
Result runLoad(const Job& job, LivePage& live);

}  // namespace loadgen
