// A generator thread: its epoll, its buffers, its tally, and the life cycle that all loops share. The loops
// (closed, open, churn) are subclasses.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "run.h"

namespace loadgen {

class Worker {
 public:
  Worker(Run& run, int index);
  virtual ~Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// The thread's body.
  void main();
  /// What was observed since the last call; only while the thread waits for a command.
  Tally takeTally();

 protected:
  static constexpr size_t kBufferBytes = 128 * 1024;
  /// A wait that only an event or the run's next tick ends.
  static constexpr int64_t kUntilTick = -1;

  /// Opens the connections that are not open; called before the clock of a slice starts.
  virtual void prepare() = 0;
  /// One slice: warm-up, window and drain.
  virtual void load() = 0;
  /// Whether a request has been unanswered for so long that the window must not end now.
  virtual bool isStalled(int64_t /*now*/) const { return false; }
  /// Requests that have neither been answered nor failed when the run ends.
  virtual uint64_t outstanding() const = 0;

  /// Waits for events at most `timeoutNs` (0 does not wait) and returns those that came. A tick of the run
  /// ends the wait too.
  std::span<epoll_event> wait(int64_t timeoutNs);
  void watch(int operation, int fd, uint32_t events, uint64_t data);
  /// Notices the ends of the window; called with every fresh stamp.
  void passTime(int64_t now) {
    if (now >= nextBoundary_) passBoundary(now);
  }
  /// Whether the end of the window has been passed, which a stall may put off until then.
  bool isPastEnd() const { return nextBoundary_ == INT64_MAX; }
  /// Counts operations verified at `now`.
  void countOk(uint64_t operations, int64_t now);
  /// Counts `requests` failed requests.
  void countErrors(uint64_t requests, const Failure& failure, uint32_t connection, uint64_t sequence);

  /// Connection ids are spread over the threads of all shards: thread, thread + threads, and so on.
  uint32_t connectionId(uint64_t ordinal) const {
    return static_cast<uint32_t>(ordinal * static_cast<uint64_t>(run_.allThreads) +
                                 static_cast<uint64_t>(number()));
  }
  int connectionsOfThread() const {
    return job_.connections / run_.allThreads + (number() < job_.connections % run_.allThreads ? 1 : 0);
  }
  /// The number of this thread among those of all shards.
  int number() const { return job_.firstThread + index_; }

  Run& run_;
  const Job& job_;
  const int index_;
  LiveCounters& live_;
  Tally tally_;
  Window window_;
  InFlight inFlight_;
  std::vector<uint8_t> input_;
  std::vector<uint8_t> output_;

 private:
  void pin() const;
  void execute(Run::Command command);
  void loadSlice();
  void beginInTime();
  void passBoundary(int64_t now);

  base::Descriptor epoll_;
  std::array<epoll_event, 256> events_;
  bool hasPwait2_ = true;
  int64_t nextBoundary_ = INT64_MAX;
  size_t seriesIndex_ = 0;
  int64_t seriesEnd_ = INT64_MAX;
};

enum class Transmitted { All, Blocked, Failed };
/// Sends what the wire has to send, through `buffer`. Blocked means that the socket is full, or that this
/// connection has had its share of the turn; errno says why it failed.
Transmitted transmit(int fd, Wire& wire, std::span<uint8_t> buffer);

}  // namespace loadgen
