// The accepting half of the blocking echo server.
#include "blocking_echo.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

namespace blocking {

namespace {

constexpr int kBacklog = 4096;
/// How long to wait for descriptors to come free before accepting again.
constexpr std::chrono::milliseconds kPause{10};

[[noreturn]] void fail(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

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
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) fail("socket");
  try {
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (listen(listener_, kBacklog) != 0) fail("listen");
    socklen_t length = sizeof address;
    if (getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) fail("getsockname");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { acceptAll(); });
  } catch (...) {
    ::close(listener_);
    throw;
  }
}

BlockingEcho::~BlockingEcho() { close(); }

void BlockingEcho::acceptAll() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
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
  if (listener_ < 0) return;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  listener_ = -1;
  connections_.endAll();
}

}  // namespace blocking
