// The bits of poll, which epoll and io_uring share, and the one shape of events that they become.
#pragma once

#include <poll.h>
#include <sys/epoll.h>

#include "multiplexer.h"

namespace multiplexer {

static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLERR == EPOLLERR && POLLHUP == EPOLLHUP);

constexpr uint16_t pollMaskOf(Readiness interest) {
  return static_cast<uint16_t>(((interest & kReadable) != 0 ? POLLIN : 0) |
                               ((interest & kWritable) != 0 ? POLLOUT : 0));
}

/// At the end of both directions neither a read nor a write blocks, whatever else the mask says.
constexpr Readiness readinessOf(uint32_t mask, Readiness interest) {
  if ((mask & (POLLERR | POLLHUP | POLLNVAL)) != 0) return interest | kClosed;
  return interest & (((mask & POLLIN) != 0 ? kReadable : 0) | ((mask & POLLOUT) != 0 ? kWritable : 0));
}

}  // namespace multiplexer
