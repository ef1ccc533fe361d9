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
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>
#include <vector>

namespace {

[[noreturn]] void Fail(const char* call) {
  std::fprintf(stderr, "floor: %s: %s\n", call, std::strerror(errno));
  std::exit(1);
}

int Check(int result, const char* call) {
  if (result < 0) Fail(call);
  return result;
}

long long Now(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<long long>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

struct Ends {
  int near;
  int far;
};

Ends Connect() {
  const int listener = Check(socket(AF_INET, SOCK_STREAM, 0), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  Check(bind(listener, where, length), "bind");
  Check(listen(listener, 1), "listen");
  Check(getsockname(listener, where, &length), "getsockname");
  const int near = Check(socket(AF_INET, SOCK_STREAM, 0), "socket");
  Check(connect(near, where, length), "connect");
  const int far = Check(accept(listener, nullptr, nullptr), "accept");
  const int on = 1;
  for (const int fd : {near, far})
    Check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
  close(listener);
  return {near, far};
}

/// A message larger than a socket's buffers would block for ever, because the receiver is the sender itself.
void Pass(int from, int to, std::vector<char>& message) {
  size_t sent = 0;
  size_t received = 0;
  while (received < message.size()) {
    if (sent < message.size()) {
      const ssize_t count =
          send(from, message.data() + sent, message.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno != EAGAIN) Fail("send");
      if (count > 0) sent += static_cast<size_t>(count);
    }
    const ssize_t count = recv(to, message.data() + received, message.size() - received, 0);
    if (count <= 0) Fail("recv");
    received += static_cast<size_t>(count);
  }
}

long long RoundTripsUntil(long long endNs, const Ends& ends, std::vector<char>& message) {
  long long roundTrips = 0;
  while (Now(CLOCK_MONOTONIC) < endNs) {
    // A clock read for each of few round trips would be a part of what is measured.
    for (int i = 0; i < 64; ++i, ++roundTrips) {
      Pass(ends.near, ends.far, message);
      Pass(ends.far, ends.near, message);
    }
  }
  return roundTrips;
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
  const Ends ends = Connect();
  std::vector<char> message(static_cast<size_t>(payload), 'x');
  const long long halfNs = milliseconds * 500'000;
  // The first half warms caches, the branch predictor and the connection's window.
  RoundTripsUntil(Now(CLOCK_MONOTONIC) + halfNs, ends, message);
  const long long startedNs = Now(CLOCK_THREAD_CPUTIME_ID);
  const long long roundTrips = RoundTripsUntil(Now(CLOCK_MONOTONIC) + halfNs, ends, message);
  std::printf("{\"roundTrips\": %lld, \"cpuNs\": %lld}\n", roundTrips,
              Now(CLOCK_THREAD_CPUTIME_ID) - startedNs);
  return 0;
}
