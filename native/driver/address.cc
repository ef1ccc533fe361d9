// Reading and naming socket addresses.
#include "address.h"

#include <arpa/inet.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>

#include "../base/error.h"

namespace driver {

Address::Address(const std::string& host, uint16_t port) : v6{} {
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
  } else if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
  } else {
    throw std::invalid_argument("'" + host + "' is not an IPv4 or IPv6 address; resolve names first.");
  }
}

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (any.sa_family == AF_INET6)
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  else if (any.sa_family == AF_INET)
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  return text;
}

uint16_t Address::port() const {
  if (any.sa_family == AF_INET6) return ntohs(v6.sin6_port);
  return any.sa_family == AF_INET ? ntohs(v4.sin_port) : 0;
}

Endpoint::Endpoint(const std::string& host, uint16_t port, const std::string& path) {
  if (path.empty()) {
    const Address address(host, port);
    length_ = address.length();
    std::memcpy(&address_, &address, length_);
    return;
  }
  const bool isAbstract = path[0] == '\0';
  // A path ends with a zero byte; an abstract name ends where the length says.
  if (path.size() + (isAbstract ? 0 : 1) > sizeof address_.path.sun_path)
    throw std::invalid_argument("The name of a Unix socket has at most 107 bytes; this one has " +
                                std::to_string(path.size()) + ".");
  address_.path.sun_family = AF_UNIX;
  std::memcpy(address_.path.sun_path, path.data(), path.size());
  length_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (isAbstract ? 0 : 1));
}

Address Endpoint::address() const {
  Address address;
  std::memcpy(static_cast<void*>(&address), &address_, sizeof address);
  return address;
}

std::optional<Address> remoteAddressOf(int fd) {
  Address address;
  socklen_t length = sizeof address;
  if (getpeername(fd, &address.any, &length) != 0) return std::nullopt;
  return address;
}

Address localAddressOf(int fd) {
  Address address;
  socklen_t length = sizeof address;
  base::require(getsockname(fd, &address.any, &length), "getsockname");
  return address;
}

}  // namespace driver
