// floor --payload BYTES --milliseconds TIME
//
// The kernel's part of an echo, with nothing else in it: one thread owns both ends of one connection over
// loopback and sends a message, receives it, sends it back and receives it, again and again. Nobody waits, so
// there is no multiplexing, no wake-up and no switch, and each receive takes a message whole, because
// loopback delivers within `send`. A server's share of such a round trip is half of it: one receive and one
// send.
//
// Prints how many round trips fitted into the time and the CPU time they took, as JSON:
// {"roundTrips": 16000, "cpuNs": 98000000}. Ends with 1 and a sentence when a system call fails.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "../base/clock.h"
#include "../base/descriptor.h"
#include "../base/error.h"

namespace {

using base::Descriptor;
using base::require;

struct Ends {
  Descriptor near;
  Descriptor far;
};

Ends connectEnds() {
  const Descriptor listener(require(socket(AF_INET, SOCK_STREAM, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  require(bind(listener.fd(), where, length), "bind");
  require(listen(listener.fd(), 1), "listen");
  require(getsockname(listener.fd(), where, &length), "getsockname");
  Descriptor near(require(socket(AF_INET, SOCK_STREAM, 0), "socket"));
  require(connect(near.fd(), where, length), "connect");
  Descriptor far(require(accept(listener.fd(), nullptr, nullptr), "accept"));
  const int on = 1;
  for (const int fd : {near.fd(), far.fd()})
    require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
  return {std::move(near), std::move(far)};
}

/// A message larger than a socket's buffers would block for ever, because the receiver is the sender itself.
void pass(const Descriptor& from, const Descriptor& to, std::vector<char>& message) {
  size_t sent = 0;
  size_t received = 0;
  while (received < message.size()) {
    if (sent < message.size()) {
      const ssize_t count =
          send(from.fd(), message.data() + sent, message.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno != EAGAIN) throw base::SystemError("send", errno);
      if (count > 0) sent += static_cast<size_t>(count);
    }
    const ssize_t count = recv(to.fd(), message.data() + received, message.size() - received, 0);
    if (count <= 0) throw base::SystemError("recv", errno);
    received += static_cast<size_t>(count);
  }
}

long roundTripsUntil(int64_t endNs, const Ends& ends, std::vector<char>& message) {
  long roundTrips = 0;
  while (base::monotonicNs() < endNs) {
    // A clock read for each of few round trips would be a part of what is measured.
    for (int i = 0; i < 64; ++i, ++roundTrips) {
      pass(ends.near, ends.far, message);
      pass(ends.far, ends.near, message);
    }
  }
  return roundTrips;
}

void measure(size_t payloadBytes, int64_t timeNs) {
  const Ends ends = connectEnds();
  std::vector<char> message(payloadBytes, 'x');
  // The first half warms caches, the branch predictor and the connection's window.
  roundTripsUntil(base::monotonicNs() + timeNs / 2, ends, message);
  const int64_t startedNs = base::clockNs(CLOCK_THREAD_CPUTIME_ID);
  const long roundTrips = roundTripsUntil(base::monotonicNs() + timeNs / 2, ends, message);
  const int64_t cpuNs = base::clockNs(CLOCK_THREAD_CPUTIME_ID) - startedNs;
  std::printf("{\"roundTrips\": %ld, \"cpuNs\": %ld}\n", roundTrips, cpuNs);
}

}  // namespace

int main(int count, char** arguments) {
  long payload = 0;
  long milliseconds = 0;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    if (name == "--payload") payload = std::atol(arguments[i + 1]);
    if (name == "--milliseconds") milliseconds = std::atol(arguments[i + 1]);
  }
  if (payload < 1 || milliseconds < 1) {
    std::fprintf(stderr, "usage: floor --payload BYTES --milliseconds TIME, both at least 1\n");
    return 2;
  }
  try {
    measure(static_cast<size_t>(payload), milliseconds * base::kMillisecondNs);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "floor: %s\n", error.what());
    return 1;
  }
}
