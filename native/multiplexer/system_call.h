// Timeouts as the kernel takes them, and the one way in which a failed system call becomes an exception.
#pragma once

#include <ctime>
#include <string>
#include <system_error>

namespace multiplexer {

constexpr int64_t kNsPerSecond = 1'000'000'000;

[[noreturn]] inline void throwFailed(const std::string& call, int error) {
  throw std::system_error(error, std::generic_category(), call);
}

/// A timeout as pselect, ppoll and epoll_pwait2 take it. Without a limit it is no pointer at all, so that the
/// kernel programs no timer. Raw system calls write to it, so it serves one call.
class Timeout {
 public:
  explicit Timeout(int64_t timeoutNs)
      : isLimited_(timeoutNs >= 0), time_{timeoutNs / kNsPerSecond, timeoutNs % kNsPerSecond} {}
  timespec* pointer() { return isLimited_ ? &time_ : nullptr; }

 private:
  bool isLimited_;
  timespec time_;
};

}  // namespace multiplexer
