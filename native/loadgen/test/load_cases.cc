// Whole runs. What they measure is tested elsewhere; here the threads meet, so that a sanitizer can watch
// them.
#include <unistd.h>

#include <atomic>
#include <memory>
#include <numeric>
#include <thread>

#include "../../blocking/blocking_echo.h"
#include "../engine.h"
#include "suite.h"

namespace loadgen::test {

namespace {

Job jobFor(const Load& load, uint16_t port) {
  Job job;
  job.loop = load.loop;
  job.protocol = "tcp";
  job.host = "127.0.0.1";
  job.port = port;
  job.connections = 6;
  job.payloadBytes = 64;
  job.pipeline = 2;
  job.ratePerSecond = 2000;
  job.arrivals = load.arrivals;
  job.closeMode = load.closeMode;
  job.seed = 7;
  job.warmupNs = 50 * base::kMillisecondNs;
  job.durationNs = 150 * base::kMillisecondNs;
  job.timeoutNs = 2000 * base::kMillisecondNs;
  job.threads = 2;
  job.spin = load.spin;
  job.serverPids = {getpid()};
  return job;
}

uint64_t errorsOf(const Tally& tally) {
  return std::accumulate(tally.errors.begin(), tally.errors.end(), uint64_t{0});
}

/// The last phase of a run; see live.h.
constexpr uint64_t kDone = 4;

/// Reads the live counters as the controller's progress bar does, from another thread, until it ends.
class Watcher {
 public:
  explicit Watcher(const LivePage& live) : thread_([this, &live] { watch(live); }) {}
  ~Watcher() {
    stopping_ = true;
    thread_.join();
  }
  /// Sleeps until the load has had this many answers, or its run is over.
  void awaitAnswers(uint64_t count) const {
    for (uint64_t seen = answers_; seen < count; seen = answers_) answers_.wait(seen);
  }

 private:
  void watch(const LivePage& live) {
    while (!stopping_) {
      uint64_t ok = 0;
      for (const LiveCounters& thread : live.threads) ok += thread.ok.load(std::memory_order_relaxed);
      if (answers_.exchange(ok) != ok) answers_.notify_all();
      if (live.head.phase.load(std::memory_order_relaxed) == kDone) break;
      std::this_thread::yield();
    }
    answers_ = UINT64_MAX;
    answers_.notify_all();
  }

  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> answers_{0};
  std::thread thread_;
};

}  // namespace

CASE("a run against an honest server has answers and no errors, and adds up", load) {
  blocking::BlockingEcho server("127.0.0.1", 0);
  const auto live = std::make_unique<LivePage>();
  const Watcher watcher(*live);
  const Result result = runLoad(jobFor(load, server.port()), *live);
  checkEqual<std::string>(result.tally.firstError, "", "The first error");
  check(result.tally.ok > 0, "There were no answers.");
  checkEqual(result.tally.sent, result.tally.ok + result.tally.inFlight, "Requests that were sent");
  checkEqual(result.threadCpuNs.size(), size_t{2}, "The number of threads");
}

CASE("a server that goes away ends the run with errors that add up", load) {
  blocking::BlockingEcho server("127.0.0.1", 0);
  const auto live = std::make_unique<LivePage>();
  Result result;
  {
    auto watcher = std::make_unique<Watcher>(*live);
    Job job = jobFor(load, server.port());
    // The server must go away while the load runs, however slow this machine is; then the load ends by
    // itself.
    job.durationNs = 60 * base::kSecondNs;
    std::thread running([&] { result = runLoad(job, *live); });
    watcher->awaitAnswers(20);
    server.close();
    running.join();
  }
  check(result.tally.ok > 0, "The server went away before it was seen.");
  check(errorsOf(result.tally) > 0, "Nobody noticed that the server went away.");
  checkEqual(result.tally.sent, result.tally.ok + result.tally.inFlight + errorsOf(result.tally),
             "Requests that were sent");
}

CASE("a run against nobody ends with refusals", load) {
  const uint16_t port = blocking::BlockingEcho("127.0.0.1", 0).port();
  const auto live = std::make_unique<LivePage>();
  const Result result = runLoad(jobFor(load, port), *live);
  check(result.tally.errors[static_cast<size_t>(ErrorClass::Refused)] > 0, "Nobody was refused.");
  checkEqual(result.tally.ok, uint64_t{0}, "Answers from nobody");
}

}  // namespace loadgen::test
