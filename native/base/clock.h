// Clocks in nanoseconds. Reading one is a call of the vDSO, not a system call.
#pragma once

#include <cstdint>
#include <ctime>

namespace base {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMillisecondNs = 1'000'000;

constexpr int64_t nanosecondsOf(const timespec& time) {
  return int64_t{time.tv_sec} * kSecondNs + time.tv_nsec;
}

inline int64_t clockNs(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return nanosecondsOf(now);
}

inline int64_t monotonicNs() { return clockNs(CLOCK_MONOTONIC); }

}  // namespace base
