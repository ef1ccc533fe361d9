// The life of TCP connections, call by call: what each system call of a client takes, and of a server of our
// own when there is no other.
#pragma once

#include <cstdint>
#include <string>

namespace connection {

struct LifeRequest {
  /// The server's port on 127.0.0.1, which echoes what it is sent; 0 starts one in a thread of this process.
  uint16_t port = 0;
  int connections = 1;
  int payloadBytes = 64;
};

/// JSON: a list of connections, each with both its addresses and the nanoseconds of each step; with a server
/// of our own also when it did what. Throws base::SystemError.
std::string lives(const LifeRequest& request);

}  // namespace connection
