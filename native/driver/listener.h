// A listening socket.
#pragma once

#include <cstdint>
#include <string>

#include "../base/descriptor.h"
#include "address.h"

namespace driver {

struct ListenOptions {
  std::string host;
  uint16_t port = 0;
  int backlog = 511;
  bool reusePort = false;
  /// Connections without traffic for this long are closed; 0 leaves them alone.
  int64_t idleTimeoutNs = 0;
};

struct Listener {
  base::Descriptor socket;
  int64_t idleTimeoutNs = 0;
  /// When to accept again after a backoff, because connections could not be taken; 0 when there is none.
  int64_t resumeAtNs = 0;
  bool inReadyList = false;

  int fd() const { return socket.fd(); }
  bool open() const { return socket.open(); }
};

/// Throws base::SystemError.
base::Descriptor openListener(const ListenOptions& options);

}  // namespace driver
