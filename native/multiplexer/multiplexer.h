// What a back end must supply so that the driver can wait for many descriptors without knowing how.
//
// A back end keeps a set of descriptors, each with an interest (readable, writable) and a token of its
// owner's, and waits until some are ready. It reports all readiness in one shape, whatever the kernel's own
// looks like:
// - `kReadable` when a read would not block: data, a new connection, the peer's end, or an error to be read.
// - `kWritable` when a write would not block.
// - `kClosed` in addition, when the kernel says that both directions are over (hang-up or error). It never
//   comes alone, so an owner who only reads, or only writes, meets the end there, after the unread data. The
//   answer of `select` has no place for it, as `Kind::reportsClosed` says.
// - `kEnded` in addition to `kReadable`, when the kernel says that the peer will send no more. Edge-triggered
//   back ends only, and not together with `kClosed`, which says more. Without either, a read that gets less
//   than it asked for has got all there is, because an end that comes later is an edge of its own.
// Level-triggered back ends report readiness as long as it lasts; edge-triggered ones once for each change,
// which the driver learns from `Kind::edgeTriggered`, because it must then read until the kernel has no more.
//
// A descriptor is removed before it is closed, never after. Nothing is reported for a descriptor once it was
// removed, not even by the `wait` that is handing out events when that happens, as far as the back end can
// know; a descriptor number that is used again within a batch is the driver's to distinguish, by its token.
//
// One thread makes a back end, uses it and destroys it, because some kernel objects serve their maker only.
//
// A new back end is one file and one line of the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace multiplexer {

using Readiness = uint8_t;
constexpr Readiness kReadable = 1;
constexpr Readiness kWritable = 2;
constexpr Readiness kClosed = 4;
constexpr Readiness kEnded = 8;

struct Event {
  uint64_t token;
  Readiness readiness;
};

/// What a back end asked of the kernel, since it was made.
struct Counters {
  /// Calls that wait (select, poll, epoll_wait, io_uring_enter with a wait).
  uint64_t waits = 0;
  /// Waits that returned nothing although they were allowed to sleep.
  uint64_t emptyWakes = 0;
  /// Events handed out.
  uint64_t events = 0;
  /// Other system calls: epoll_ctl, io_uring_enter that only submits.
  uint64_t controls = 0;
  /// Requests armed again because the kernel's were used up (io_uring poll requests).
  uint64_t rearms = 0;
  /// Times the completion queue overflowed (io_uring).
  uint64_t overflows = 0;
};

class Multiplexer {
 public:
  virtual ~Multiplexer() = default;
  /// Starts to watch a descriptor that is not watched. Throws base::SystemError, and
  /// std::out_of_range when the descriptor does not fit, naming the limit and what to do. Watching one twice,
  /// and changing or removing one that is not watched, throws std::logic_error.
  virtual void add(int fd, Readiness interest, uint64_t token) = 0;
  /// Changes the interest or the token of a watched descriptor; no interest keeps it watched and silent.
  virtual void modify(int fd, Readiness interest, uint64_t token) = 0;
  virtual void remove(int fd) = 0;
  /// Waits at most `timeoutNs` nanoseconds (0 does not sleep, negative has no limit) and writes what is ready
  /// to `out`. Returns how many events were written; 0 when the time is over or a signal came. More than fit
  /// come next time. `out` has room for at least one event.
  virtual size_t wait(std::span<Event> out, int64_t timeoutNs) = 0;
  const Counters& counters() const { return counters_; }

 protected:
  /// Counts what a wait brought, and returns it.
  size_t handedOut(size_t events, int64_t timeoutNs) {
    counters_.events += events;
    if (events == 0 && timeoutNs != 0) ++counters_.emptyWakes;
    return events;
  }

  Counters counters_;
};

/// One line of the table.
struct Kind {
  const char* name;
  /// In one sentence, what it is and what a wait costs.
  const char* description;
  /// The system calls its wait may make, by their kernel names, separated by spaces: what a trace must show.
  const char* waitsIn;
  bool edgeTriggered;
  /// Whether it can report `kClosed`; where not, the next read or write meets the end.
  bool reportsClosed;
  /// The number of descriptors it can watch at once; 0 when only the process's limit counts.
  int limit;
  /// Why it cannot run here, for example "io_uring_setup: EPERM, blocked by seccomp"; nothing when it can.
  std::optional<std::string> (*obstacle)();
  std::unique_ptr<Multiplexer> (*make)();
};

/// select, select-unbounded, poll, epoll, epoll-et, uring-poll.
std::span<const Kind> kinds();
/// Null when there is none of this name.
const Kind* find(const std::string& name);

}  // namespace multiplexer
