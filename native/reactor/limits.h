// How many connections one driver can have.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>

namespace reactor {

/// The process's limit on descriptors, which bounds connections too; cut off where tables per connection get
/// large.
inline uint32_t descriptorLimit() {
  constexpr rlim_t kLargest = 1 << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kLargest;
  return static_cast<uint32_t>(std::min(limit.rlim_cur, kLargest));
}

}  // namespace reactor
