// UDP keeps what fits into a socket's receive buffer and drops the rest: how much that is, counted.
#pragma once

#include <string>

namespace connection {

struct UdpRequest {
  /// What SO_RCVBUF asks for; the kernel doubles it for its own bookkeeping, and keeps within
  /// net.core.rmem_max.
  int bufferBytes = 212'992;
  int datagrams = 1000;
  int payloadBytes = 64;
};

/// Sends a burst to a server that only then begins to read and to echo. JSON: what was sent, received and
/// echoed, and what the kernel counted as dropped. Throws base::SystemError.
std::string burst(const UdpRequest& request);

}  // namespace connection
