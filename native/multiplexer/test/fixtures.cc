// Real sockets over loopback, and what the suite does with them.
#include "fixtures.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "../../base/error.h"
#include "suite.h"

namespace multiplexer::test {

using base::require;

Descriptor::Descriptor(int fd) : base::Descriptor(require(fd, "opening a descriptor")) {}

void Descriptor::reset() {
  require(base::makeCloseReset(fd()), "setsockopt SO_LINGER");
  close();
}

void Descriptor::send(const std::string& bytes) const {
  const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  checkEqual(sent, static_cast<ssize_t>(bytes.size()), "What a socket took");
}

void Descriptor::fill() const {
  const std::string bytes(1 << 16, 'x');
  while (::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) continue;
  check(errno == EAGAIN, "A socket can be filled.");
}

std::string Descriptor::receive() const {
  std::string bytes(1 << 16, '\0');
  const ssize_t count = ::recv(fd(), bytes.data(), bytes.size(), 0);
  bytes.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  return bytes;
}

void Descriptor::endWriting() const { require(shutdown(fd(), SHUT_WR), "shutdown"); }

bool Descriptor::is(short events) const {
  pollfd entry{fd(), events, 0};
  require(poll(&entry, 1, 0), "poll");
  return (entry.revents & events) != 0;
}

void Descriptor::await(short events) const {
  while (!is(events)) {
    pollfd entry{fd(), events, 0};
    check(require(poll(&entry, 1, 10'000), "poll") == 1, "Nothing came within ten seconds.");
  }
}

static sockaddr_in addressOf(const Descriptor& socket) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  require(getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  return address;
}

Descriptor listening() {
  Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  require(bind(listener.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  require(listen(listener.fd(), 16), "listen");
  return listener;
}

Descriptor connecting(const Descriptor& listener) {
  Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_in address = addressOf(listener);
  const int result = connect(client.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (result != 0 && errno != EINPROGRESS) require(result, "connect");
  return client;
}

std::pair<Descriptor, Descriptor> Pair::connected() {
  const Descriptor listener = listening();
  Descriptor client = connecting(listener);
  listener.await(POLLIN);
  Descriptor server(accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  client.await(POLLOUT);
  return {std::move(server), std::move(client)};
}

Descriptor idle() { return Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

void signal(const Descriptor& event) { require(eventfd_write(event.fd(), 1), "eventfd_write"); }

void requireOpenFiles(size_t count) {
  rlimit limit{};
  require(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  const rlim_t needed = count + 64;
  check(limit.rlim_max >= needed, "This case needs a hard limit of " + std::to_string(needed) +
                                      " open files, but it is " + std::to_string(limit.rlim_max) + ".");
  limit.rlim_cur = std::max(limit.rlim_cur, needed);
  require(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

std::vector<Descriptor> idleOnes(size_t count) {
  requireOpenFiles(count);
  std::vector<Descriptor> all;
  all.reserve(count);
  while (all.size() < count) all.push_back(idle());
  return all;
}

Descriptor copyFrom(const Descriptor& original, int lowest) {
  requireOpenFiles(static_cast<size_t>(lowest));
  return Descriptor(fcntl(original.fd(), F_DUPFD_CLOEXEC, lowest));
}

std::string wordOf(const Event& event) {
  std::string word = std::to_string(event.token) + ":";
  if ((event.readiness & kReadable) != 0) word += 'R';
  if ((event.readiness & kWritable) != 0) word += 'W';
  if ((event.readiness & kClosed) != 0) word += 'C';
  if ((event.readiness & kEnded) != 0) word += 'E';
  return word;
}

std::string Subject::wait(int64_t timeoutNs, size_t room) {
  std::vector<Event> events(room);
  events.resize(set_->wait(events, timeoutNs));
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.token < b.token; });
  std::string words;
  for (const Event& event : events) words += (words.empty() ? "" : " ") + wordOf(event);
  return words;
}

Event Subject::next() {
  Event event{};
  checkEqual(set_->wait({&event, 1}, -1), size_t{1}, "The number of events of a wait without limit");
  return event;
}

void forbid(int systemCall, int error) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(systemCall), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<uint32_t>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{std::size(filter), filter};
  require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl PR_SET_NO_NEW_PRIVS");
  require(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "prctl PR_SET_SECCOMP");
}

}  // namespace multiplexer::test
