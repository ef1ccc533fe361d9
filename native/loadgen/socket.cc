// Opening sockets and naming their errors.
#include "socket.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace loadgen {

sockaddr_in addressOf(const std::string& host, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    throw std::invalid_argument("'" + host + "' is not an IPv4 address.");
  return address;
}

std::string nameOf(const sockaddr_in& address) {
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  return std::string(text) + ":" + std::to_string(ntohs(address.sin_port));
}

static ErrorClass classOf(int error) {
  switch (error) {
    case ECONNREFUSED:
      return ErrorClass::Refused;
    case ETIMEDOUT:
      return ErrorClass::TimedOut;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
      return ErrorClass::Unreachable;
    case ECONNRESET:
    case EPIPE:
      return ErrorClass::Reset;
    case EADDRNOTAVAIL:
      return ErrorClass::AddressNotAvailable;
    default:
      return ErrorClass::Other;
  }
}

Failure failureOf(int error, const std::string& doing, const sockaddr_in& target) {
  return {classOf(error),
          doing + " " + nameOf(target) + ": " + strerrorname_np(error) + " (" + strerrordesc_np(error) + ")"};
}

int pendingError(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

bool isConnected(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 && info.tcpi_state != TCP_SYN_SENT;
}

base::Descriptor startConnect(const sockaddr_in& target, const in_addr* source, Failure& failure) {
  base::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.open()) {
    failure = failureOf(errno, "opening a socket for", target);
    return socket;
  }
  const int on = 1;
  setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // Loopback has no congestion to control, and the pacing of some algorithms costs the generator timers.
  // Where reno is not allowed, the system's default stays.
  setsockopt(socket.fd(), IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
  if (source != nullptr) {
    // Without this option bind would reserve a port for all destinations, and ports would run out much
    // sooner.
    setsockopt(socket.fd(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr = *source;
    if (bind(socket.fd(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
      failure = failureOf(errno, "binding a source address for", target);
      return {};
    }
  }
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0 &&
      errno != EINPROGRESS) {
    failure = failureOf(errno, "connecting to", target);
    return {};
  }
  return socket;
}

}  // namespace loadgen
