// What an outgoing connection is asked for with.
#pragma once

#include <cstdint>
#include <string>

namespace driver {

struct ConnectOptions {
  std::string host;
  uint16_t port = 0;
  /// A Unix socket in place of both; see `Endpoint`.
  std::string path;
  int keepAliveSeconds = 0;
  /// The address to connect from, of the same family as `host`; empty lets the kernel choose.
  std::string localAddress;
  /// An attempt is given up after this long; 0 leaves it to the kernel.
  int64_t connectTimeoutNs = 0;
  /// A connection without traffic for this long is closed; 0 leaves it alone.
  uint32_t idleTimeoutMs = 0;
};

}  // namespace driver
