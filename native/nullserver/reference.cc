// Ping-pong on a few connections: wait, read, look at the clock, send.
#include "reference.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <stdexcept>
#include <system_error>

namespace nullserver {

namespace {

int64_t clockNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void require(bool fine, const char* call) {
  if (!fine) throw std::system_error(errno, std::generic_category(), call);
}

int connectTo(uint16_t port, int epoll, uint32_t index) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(fd >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "setsockopt TCP_NODELAY");
  require(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = index;
  require(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  return fd;
}

struct Lane {
  int fd;
  /// Its request in flight, as a place in the list of round trips.
  size_t current;
};

}  // namespace

ReferenceResult runReference(const ReferenceOptions& options) {
  ReferenceResult result;
  result.roundTrips.reserve(1 << 18);
  const std::vector<char> payload(options.payloadBytes, 'r');
  std::vector<char> received(options.payloadBytes);
  // The process ends after one run, and its sockets with it.
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  require(epoll >= 0, "epoll_create1");
  std::vector<Lane> lanes;
  for (int i = 0; i < options.connections; ++i)
    lanes.push_back({connectTo(options.port, epoll, static_cast<uint32_t>(i)), 0});

  const auto ask = [&](Lane& lane) {
    lane.current = result.roundTrips.size();
    result.roundTrips.push_back({clockNs(), 0});
    require(
        send(lane.fd, payload.data(), payload.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(payload.size()),
        "send");
  };
  for (Lane& lane : lanes) ask(lane);
  const int64_t end = clockNs() + options.durationNs;
  size_t open = lanes.size();
  std::array<epoll_event, 64> events;
  while (open > 0) {
    const int count =
        epoll_wait(epoll, events.data(), static_cast<int>(events.size()), options.spin ? 0 : -1);
    require(count >= 0 || errno == EINTR, "epoll_wait");
    for (int i = 0; i < count; ++i) {
      Lane& lane = lanes[events[static_cast<size_t>(i)].data.u32];
      const ssize_t bytes = recv(lane.fd, received.data(), received.size(), 0);
      if (bytes != static_cast<ssize_t>(received.size()))
        throw std::runtime_error("the null server answered with other bytes than were sent");
      const int64_t now = clockNs();
      result.roundTrips[lane.current].answeredNs = now;
      if (now < end)
        ask(lane);
      else
        --open;
    }
  }
  return result;
}

}  // namespace nullserver
