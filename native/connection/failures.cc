// See failures.h.
#include "failures.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "../base/clock.h"
#include "../base/descriptor.h"
#include "../base/error.h"
#include "address.h"

namespace connection {

namespace {

using base::Descriptor;
using base::monotonicNs;
using base::require;

struct Outcome {
  /// The errno; 0 when nothing failed.
  int error = 0;
  int64_t waitedNs = 0;
};

int attempt(int fd, const sockaddr_in& address) {
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Outcome connecting(const sockaddr_in& address, int retries) {
  const Descriptor client(require(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  // Six retries, which are usual, take over two minutes.
  require(setsockopt(client.fd(), IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof retries), "TCP_SYNCNT");
  const int64_t start = monotonicNs();
  const int error = attempt(client.fd(), address) < 0 ? errno : 0;
  return {error, monotonicNs() - start};
}

Descriptor listenerWith(int backlog) {
  Descriptor listener(require(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  const sockaddr_in any = loopback(0);
  require(bind(listener.fd(), reinterpret_cast<const sockaddr*>(&any), sizeof any), "bind");
  if (backlog >= 0) require(listen(listener.fd(), backlog), "listen");
  return listener;
}

/// Nobody listens on the port, so the kernel answers the SYN with RST.
Outcome refused() {
  // Bound and not listening, so that nobody else can take it meanwhile.
  const Descriptor holder = listenerWith(-1);
  return connecting(localOf(holder.fd()), 1);
}

/// The accept queue is full and nobody accepts, so the kernel drops the SYN and the client sends it again.
Outcome timedOut() {
  const Descriptor listener = listenerWith(0);
  const sockaddr_in address = localOf(listener.fd());
  std::vector<Descriptor> waiting;
  // A queue of length 0 has a place all the same; what finds it full stays on its way.
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(require(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket"));
    if (attempt(waiting.back().fd(), address) < 0 && errno != EINPROGRESS) require(-1, "connect");
  }
  return connecting(address, 1);
}

/// The server accepts and closes with RST, so the client is connected and only then loses the connection.
Outcome resetAfterAccept() {
  const Descriptor listener = listenerWith(1);
  const sockaddr_in address = localOf(listener.fd());
  const Descriptor client(require(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  const int64_t start = monotonicNs();
  require(attempt(client.fd(), address), "connect");
  Descriptor peer(require(accept(listener.fd(), nullptr, nullptr), "accept"));
  require(base::makeCloseReset(peer.fd()), "SO_LINGER");
  peer.close();
  char byte = 0;
  const int error = recv(client.fd(), &byte, 1, 0) < 0 ? errno : 0;
  return {error, monotonicNs() - start};
}

/// A network namespace of its own has no route anywhere. A child makes it, because nobody leaves one again.
std::string unreachable(Outcome& outcome) {
  std::array<int, 2> ends{};
  require(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  Descriptor readEnd(ends[0]);
  Descriptor writeEnd(ends[1]);
  const pid_t child = require(fork(), "fork");
  if (child == 0) {
    std::array<int64_t, 3> answer{};
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
      answer[0] = errno;
    } else {
      sockaddr_in elsewhere = loopback(9);
      // TEST-NET-1 of RFC 5737, which belongs to nobody.
      elsewhere.sin_addr.s_addr = htonl(0xC0000201);
      try {
        const Outcome found = connecting(elsewhere, 1);
        answer = {0, found.error, found.waitedNs};
      } catch (const base::SystemError& error) {
        answer[0] = error.number();
      }
    }
    _exit(write(writeEnd.fd(), answer.data(), sizeof answer) == sizeof answer ? 0 : 1);
  }
  writeEnd.close();
  std::array<int64_t, 3> answer{};
  const ssize_t count = read(readEnd.fd(), answer.data(), sizeof answer);
  require(waitpid(child, nullptr, 0), "waitpid");
  if (count != sizeof answer) return "The child that made the network namespace ended without an answer.";
  if (answer[0] != 0)
    return std::string("A network namespace needs privileges that this process does not have: ") +
           std::strerror(static_cast<int>(answer[0])) + ".";
  outcome = {static_cast<int>(answer[1]), answer[2]};
  return "";
}

std::string nameOf(int error) {
  switch (error) {
    case 0:
      return "none";
    case ECONNREFUSED:
      return "ECONNREFUSED";
    case ETIMEDOUT:
      return "ETIMEDOUT";
    case ENETUNREACH:
      return "ENETUNREACH";
    case EHOSTUNREACH:
      return "EHOSTUNREACH";
    case ECONNRESET:
      return "ECONNRESET";
    default:
      return "errno " + std::to_string(error);
  }
}

std::string json(const char* name, const Outcome& outcome, const std::string& reason = "") {
  const std::string start = std::string(R"({"way":")") + name + "\",";
  if (!reason.empty()) return start + R"("error":null,"waitedNs":null,"reason":")" + reason + "\"}";
  return start + R"("error":")" + nameOf(outcome.error) + R"(","waitedNs":)" +
         std::to_string(outcome.waitedNs) + R"(,"reason":null})";
}

}  // namespace

std::string failures() {
  Outcome nowhere;
  const std::string reason = unreachable(nowhere);
  return "[" + json("refused", refused()) + "," + json("unreachable", nowhere, reason) + "," +
         json("reset", resetAfterAccept()) + "," + json("timedOut", timedOut()) + "]";
}

}  // namespace connection
