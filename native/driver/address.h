// An IPv4 or IPv6 address with a port.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace driver {

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;

  Address() : v6{} {}
  /// Throws std::invalid_argument when `host` is not a numeric address.
  Address(const std::string& host, uint16_t port);

  socklen_t length() const { return any.sa_family == AF_INET6 ? sizeof v6 : sizeof v4; }
  std::string host() const;
  uint16_t port() const;
};

/// The address that the socket itself is bound to.
Address localAddressOf(int fd);

}  // namespace driver
