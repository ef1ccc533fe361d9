// Reading and naming socket addresses.
#include "address.h"

#include <arpa/inet.h>

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
  else
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  return text;
}

uint16_t Address::port() const { return ntohs(any.sa_family == AF_INET6 ? v6.sin6_port : v4.sin_port); }

Address localAddressOf(int fd) {
  Address address;
  socklen_t length = sizeof address;
  base::require(getsockname(fd, &address.any, &length), "getsockname");
  return address;
}

}  // namespace driver
