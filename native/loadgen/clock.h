// The clock every stamp of the load generator comes from: CLOCK_MONOTONIC, read through the vDSO.
#pragma once

#include <cstdint>
#include <ctime>

namespace loadgen {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMillisecondNs = 1'000'000;

inline int64_t monotonicNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * kSecondNs + now.tv_nsec;
}

}  // namespace loadgen
