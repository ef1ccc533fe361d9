// The arrival schedule of the open loop: when each request of one generator thread is due, fixed by the seed
// before the first is sent. Constant arrivals are spaced evenly over all threads together; Poisson arrivals
// are independent streams whose union has the offered rate.
#pragma once

#include <cmath>
#include <cstdint>

#include "job.h"
#include "random.h"

namespace loadgen {

class Schedule {
 public:
  /// `thread` counts from 0 to `threads` - 1; the rate is that of all threads together.
  Schedule(Arrivals arrivals, double ratePerSecond, uint64_t seed, int thread, int threads)
      : arrivals_(arrivals),
        gapNs_(1e9 / ratePerSecond),
        thread_(thread),
        threads_(threads),
        random_(mix(seed + 3) + mix(static_cast<uint64_t>(thread) + 1)) {}

  /// Nanoseconds from the start of the load to the next arrival of this thread; never decreases.
  int64_t next() {
    if (arrivals_ == Arrivals::Constant) {
      const auto position =
          static_cast<double>(index_++ * static_cast<uint64_t>(threads_) + static_cast<uint64_t>(thread_));
      return std::llround(position * gapNs_);
    }
    elapsedNs_ -= std::log(random_.unit()) * gapNs_ * threads_;
    return std::llround(elapsedNs_);
  }

 private:
  Arrivals arrivals_;
  double gapNs_;
  int thread_;
  int threads_;
  Random random_;
  uint64_t index_ = 0;
  double elapsedNs_ = 0;
};

}  // namespace loadgen
