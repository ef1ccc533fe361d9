// The time that one thread spends inside its waits, for other threads to read meanwhile.
#pragma once

#include <atomic>
#include <cstdint>

#include "../base/clock.h"

namespace driver {

/// A wait under way counts for as long as it has lasted: it may be longer than whatever the reader measures.
/// The thread that waits calls `begin` and `end`.
class WaitClock {
 public:
  void begin(int64_t nowNs) { add(-nowNs); }
  void end(int64_t nowNs) { add(nowNs); }

  /// Never less than before, by any thread.
  uint64_t totalNs() const {
    for (;;) {
      const int64_t sum = sum_.load();
      if (sum >= 0) return static_cast<uint64_t>(sum);
      const int64_t nowNs = base::monotonicNs();
      // A reader that was held up would count what came after the end of the wait, too, and less the next
      // time.
      if (sum_.load() == sum) return static_cast<uint64_t>(sum + nowNs);
    }
  }

 private:
  /// No lock, because one thread writes.
  void add(int64_t ns) { sum_.store(sum_.load(std::memory_order_relaxed) + ns, std::memory_order_relaxed); }

  /// Of the waits that ended, less the time at which the one under way began. That makes it negative, because
  /// all waits together are shorter than the clock has run; so one number says both, and no reader sees one
  /// of them without the other.
  std::atomic<int64_t> sum_ = 0;
};

}  // namespace driver
