// Where a socket is: an IPv4 or IPv6 address with a port, or a Unix socket.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <optional>
#include <string>

namespace driver {

/// What there is to say of a peer. Of a Unix socket that is only the family, because clients have no name.
union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;

  Address() : v6{} {}
  /// Throws std::invalid_argument when `host` is not a numeric address.
  Address(const std::string& host, uint16_t port);

  socklen_t length() const { return any.sa_family == AF_INET6 ? sizeof v6 : sizeof v4; }
  /// Empty for a Unix socket.
  std::string host() const;
  /// 0 for a Unix socket.
  uint16_t port() const;
};

/// What `bind` and `connect` take.
class Endpoint {
 public:
  /// A Unix socket where `path` is not empty: the path of a file, or, after a first byte of zero, a name of
  /// the abstract namespace. Throws std::invalid_argument when it is too long, or `host` is not a numeric
  /// address.
  Endpoint(const std::string& host, uint16_t port, const std::string& path);

  const sockaddr* any() const { return &address_.any; }
  socklen_t length() const { return length_; }
  bool isUnix() const { return address_.any.sa_family == AF_UNIX; }
  /// What a connection to it keeps.
  Address address() const;

 private:
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_un path;
  } address_{.path = {}};
  socklen_t length_;
};

/// The address that the socket itself is bound to.
Address localAddressOf(int fd);
/// The address of the peer; nothing when the peer has reset the connection.
std::optional<Address> remoteAddressOf(int fd);

}  // namespace driver
