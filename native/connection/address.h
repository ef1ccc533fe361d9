// IPv4 addresses on loopback, and as text.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>

#include "../base/error.h"

namespace connection {

inline sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// A client's address that is its server's alone, so that ports which rest in TIME_WAIT are nobody else's.
inline sockaddr_in sourceFor(const sockaddr_in& server) {
  sockaddr_in address = loopback(0);
  address.sin_addr.s_addr = htonl((127u << 24) | (3u << 16) | ntohs(server.sin_port));
  return address;
}

inline sockaddr_in localOf(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  base::require(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  return address;
}

inline sockaddr_in remoteOf(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  base::require(getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length), "getpeername");
  return address;
}

/// "127.0.0.1:80".
inline std::string text(const sockaddr_in& address) {
  std::array<char, INET_ADDRSTRLEN> host{};
  inet_ntop(AF_INET, &address.sin_addr, host.data(), host.size());
  return std::string(host.data()) + ":" + std::to_string(ntohs(address.sin_port));
}

}  // namespace connection
