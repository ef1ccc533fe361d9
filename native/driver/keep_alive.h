// Probes of a silent TCP connection, which show whether its peer is still there.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "../base/error.h"

namespace driver {

/// After so much silence; 0 turns them off. Throws base::SystemError.
inline void setKeepAlive(int fd, int seconds) {
  const int on = seconds > 0 ? 1 : 0;
  base::require(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on), "setsockopt SO_KEEPALIVE");
  if (seconds > 0)
    base::require(setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds),
                  "setsockopt TCP_KEEPIDLE");
}

}  // namespace driver
