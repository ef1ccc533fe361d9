// The accepting half of the blocking echo server.
#include "blocking_echo.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>

#include "../base/error.h"

namespace blocking {

namespace {

constexpr int kBacklog = 4096;
/// How long to wait for descriptors to come free before accepting again.
constexpr std::chrono::milliseconds kPause{10};

bool isShortOfResources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

BlockingEcho::BlockingEcho(const std::string& host, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    throw std::invalid_argument("'" + host + "' is not an IPv4 address.");
  listener_ = base::Descriptor(base::require(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  const int fd = listener_.fd();
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  base::require(bind(fd, where, sizeof address), "bind");
  base::require(listen(fd, kBacklog), "listen");
  socklen_t length = sizeof address;
  base::require(getsockname(fd, where, &length), "getsockname");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { acceptAll(); });
}

BlockingEcho::~BlockingEcho() { close(); }

void BlockingEcho::acceptAll() {
  for (;;) {
    const int fd = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_.serve(fd);
    } else if (isShortOfResources(errno)) {
      std::this_thread::sleep_for(kPause);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      // shutdown() of the listener, which `close` uses to end this thread, gives EINVAL.
      return;
    }
  }
}

void BlockingEcho::close() {
  if (!listener_.open()) return;
  shutdown(listener_.fd(), SHUT_RDWR);
  acceptor_.join();
  listener_.close();
  connections_.endAll();
}

}  // namespace blocking
