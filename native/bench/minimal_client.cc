// The least that a load generator can cost over TCP: N connections with one request in flight each, a
// blocking epoll_wait, one recv and one send for each answer. It verifies nothing, records no latency and
// keeps no schedule; what readymark's generator costs beyond it is the price of doing so. `readymark
// crosscheck --protocol tcp` compiles and runs it: minimal_client HOST PORT CONNECTIONS PAYLOAD_BYTES
// WARMUP_SECONDS SECONDS It prints the answers inside the window, the window and the CPU time in it, both in
// nanoseconds.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

static void must(bool holds, const char* what) {
  if (holds) return;
  perror(what);
  exit(1);
}

static long long clockNs(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

int main(int count, char** arguments) {
  must(count == 7, "usage: minimal_client HOST PORT CONNECTIONS PAYLOAD_BYTES WARMUP_SECONDS SECONDS");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(atoi(arguments[2])));
  must(inet_pton(AF_INET, arguments[1], &address.sin_addr) == 1, "an IPv4 address");
  const size_t connections = strtoul(arguments[3], nullptr, 10);
  const size_t payloadBytes = strtoul(arguments[4], nullptr, 10);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  must(epoll >= 0, "epoll_create1");
  std::vector<char> request(payloadBytes, 'x');
  std::vector<char> answer(payloadBytes);
  std::vector<int> sockets(connections);
  std::vector<size_t> received(connections, 0);
  for (size_t i = 0; i < connections; ++i) {
    const int one = 1;
    sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(sockets[i] >= 0, "socket");
    must(connect(sockets[i], reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
    setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    // A payload beyond the kernel's buffers would otherwise wait for ever for a server that waits for this
    // client.
    const timeval patience{5, 0};
    setsockopt(sockets[i], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    // The same as readymark's: loopback has no congestion, and other algorithms charge their timers to the
    // client.
    setsockopt(sockets[i], IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, sockets[i], &event) == 0, "epoll_ctl");
  }
  auto ask = [&](size_t i) {
    const ssize_t sent = send(sockets[i], request.data(), payloadBytes, MSG_NOSIGNAL);
    must(sent == static_cast<ssize_t>(payloadBytes), "send");
  };
  for (size_t i = 0; i < connections; ++i) ask(i);
  const long long begin = clockNs(CLOCK_MONOTONIC) + static_cast<long long>(atof(arguments[5]) * 1e9);
  const long long end = begin + static_cast<long long>(atof(arguments[6]) * 1e9);
  long long startedAt = 0, now = 0, cpuAtStart = 0, answers = 0;
  std::vector<epoll_event> events(256);
  while ((now = clockNs(CLOCK_MONOTONIC)) < end) {
    if (startedAt == 0 && now >= begin) {
      startedAt = now;
      cpuAtStart = clockNs(CLOCK_PROCESS_CPUTIME_ID);
      answers = 0;
    }
    const int ready = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 1000);
    for (int event = 0; event < ready; ++event) {
      const size_t i = events[static_cast<size_t>(event)].data.u64;
      const ssize_t bytes = recv(sockets[i], answer.data(), payloadBytes - received[i], MSG_DONTWAIT);
      must(bytes > 0, "recv");
      received[i] += static_cast<size_t>(bytes);
      if (received[i] < payloadBytes) continue;
      received[i] = 0;
      ++answers;
      ask(i);
    }
  }
  printf("%lld %lld %lld\n", answers, now - startedAt, clockNs(CLOCK_PROCESS_CPUTIME_ID) - cpuAtStart);
}
