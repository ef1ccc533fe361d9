// Timeouts as the kernel takes them.
#pragma once

#include <cstdint>
#include <ctime>

#include "../base/clock.h"

namespace multiplexer {

/// A timeout as pselect, ppoll and epoll_pwait2 take it. Without a limit it is no pointer at all, so that the
/// kernel programs no timer. Raw system calls write to it, so it serves one call.
class Timeout {
 public:
  explicit Timeout(int64_t timeoutNs)
      : isLimited_(timeoutNs >= 0), time_{timeoutNs / base::kSecondNs, timeoutNs % base::kSecondNs} {}
  timespec* pointer() { return isLimited_ ? &time_ : nullptr; }

 private:
  bool isLimited_;
  timespec time_;
};

}  // namespace multiplexer
