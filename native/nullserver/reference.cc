// Ping-pong on a few connections: wait, read all that is there with a look at the clock after each, then
// send. A send wakes the server, which takes longer than a read, so a client that sent in between would be
// late at the next answer.
#include "reference.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "../base/clock.h"
#include "../base/descriptor.h"
#include "../base/error.h"

namespace nullserver {

namespace {

using base::require;

base::Descriptor connectTo(uint16_t port, int epoll, uint32_t index) {
  base::Descriptor socket(require(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  const int fd = socket.fd();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt TCP_NODELAY");
  require(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), "connect");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = index;
  require(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  return socket;
}

struct Lane {
  base::Descriptor socket;
  /// Its request in flight, as a place in the list of round trips.
  size_t current;
};

}  // namespace

ReferenceResult runReference(const ReferenceOptions& options) {
  ReferenceResult result;
  result.roundTrips.reserve(1 << 18);
  const std::vector<char> payload(options.payloadBytes, 'r');
  std::vector<char> received(options.payloadBytes);
  const base::Descriptor epoll(require(epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
  std::vector<Lane> lanes;
  for (int i = 0; i < options.connections; ++i)
    lanes.push_back({connectTo(options.port, epoll.fd(), static_cast<uint32_t>(i)), 0});

  const auto ask = [&](Lane& lane) {
    lane.current = result.roundTrips.size();
    result.roundTrips.push_back({base::monotonicNs(), 0});
    const ssize_t left = send(lane.socket.fd(), payload.data(), payload.size(), MSG_NOSIGNAL);
    if (left != static_cast<ssize_t>(payload.size())) throw base::SystemError("send", errno);
  };
  for (Lane& lane : lanes) ask(lane);
  const int64_t end = base::monotonicNs() + options.durationNs;
  size_t open = lanes.size();
  std::array<epoll_event, 64> events;
  std::vector<Lane*> answered;
  while (open > 0) {
    const int count =
        epoll_wait(epoll.fd(), events.data(), static_cast<int>(events.size()), options.spin ? 0 : -1);
    if (count < 0 && errno != EINTR) throw base::SystemError("epoll_wait", errno);
    answered.clear();
    for (int i = 0; i < count; ++i) {
      Lane& lane = lanes[events[static_cast<size_t>(i)].data.u32];
      const ssize_t bytes = recv(lane.socket.fd(), received.data(), received.size(), 0);
      if (bytes != static_cast<ssize_t>(received.size()))
        throw std::runtime_error("the null server answered with other bytes than were sent");
      result.roundTrips[lane.current].answeredNs = base::monotonicNs();
      answered.push_back(&lane);
    }
    for (Lane* lane : answered) {
      if (base::monotonicNs() < end)
        ask(*lane);
      else
        --open;
    }
  }
  return result;
}

}  // namespace nullserver
