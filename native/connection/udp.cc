// See udp.h.
#include "udp.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../base/descriptor.h"
#include "../base/error.h"
#include "address.h"

namespace connection {

namespace {

using base::Descriptor;
using base::require;

Descriptor socketOnLoopback() {
  Descriptor end(require(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
  const sockaddr_in any = loopback(0);
  require(bind(end.fd(), reinterpret_cast<const sockaddr*>(&any), sizeof any), "bind");
  return end;
}

/// One datagram without waiting; false when there is none. `dropped` becomes the kernel's count of what the
/// socket had no room for, which comes with each datagram that was queued after a drop.
bool receiveOne(int fd, std::vector<char>& buffer, uint32_t& dropped) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(uint32_t))> control{};
  iovec part{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t count = recvmsg(fd, &message, MSG_DONTWAIT);
  if (count < 0) {
    if (errno == EAGAIN) return false;
    require(-1, "recvmsg");
  }
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr; item = CMSG_NXTHDR(&message, item))
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SO_RXQ_OVFL)
      std::memcpy(&dropped, CMSG_DATA(item), sizeof dropped);
  return true;
}

}  // namespace

std::string burst(const UdpRequest& request) {
  const Descriptor server = socketOnLoopback();
  const int on = 1;
  require(setsockopt(server.fd(), SOL_SOCKET, SO_RCVBUF, &request.bufferBytes, sizeof(int)), "SO_RCVBUF");
  require(setsockopt(server.fd(), SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on), "SO_RXQ_OVFL");
  int granted = 0;
  socklen_t length = sizeof granted;
  require(getsockopt(server.fd(), SOL_SOCKET, SO_RCVBUF, &granted, &length), "SO_RCVBUF");
  const Descriptor client = socketOnLoopback();
  const sockaddr_in to = localOf(server.fd());
  require(::connect(client.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to), "connect");
  const sockaddr_in from = localOf(client.fd());
  require(::connect(server.fd(), reinterpret_cast<const sockaddr*>(&from), sizeof from), "connect");

  std::vector<char> buffer(static_cast<size_t>(request.payloadBytes));
  for (int i = 0; i < request.datagrams; ++i)
    require(static_cast<int>(send(client.fd(), buffer.data(), buffer.size(), 0)), "send");
  // Loopback delivers within `send`, so all of the burst has arrived or is gone.
  uint32_t dropped = 0;
  uint32_t ignored = 0;
  int received = 0;
  int echoed = 0;
  while (receiveOne(server.fd(), buffer, dropped)) {
    ++received;
    require(static_cast<int>(send(server.fd(), buffer.data(), buffer.size(), 0)), "send");
    // The client reads at once, so that nothing is lost on the way back.
    while (receiveOne(client.fd(), buffer, ignored)) ++echoed;
  }
  // The count comes with a datagram that is queued after the drops, so one more brings the last of it.
  require(static_cast<int>(send(client.fd(), buffer.data(), buffer.size(), 0)), "send");
  receiveOne(server.fd(), buffer, dropped);
  const auto number = [](const char* name, int64_t value) {
    return std::string("\"") + name + "\":" + std::to_string(value);
  };
  return "{" + number("bufferBytes", granted) + "," + number("payloadBytes", request.payloadBytes) + "," +
         number("sent", request.datagrams) + "," + number("received", received) + "," +
         number("echoed", echoed) + "," + number("dropped", dropped) + "}";
}

}  // namespace connection
