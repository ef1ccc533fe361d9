// Opening a listening socket.
#include "listener.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "require.h"

namespace driver {

int openListener(const ListenOptions& options) {
  const Address address(options.host, options.port);
  const int fd = ::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::system_error(errno, std::system_category(), "socket");
  const int on = 1;
  require(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), fd, "setsockopt SO_REUSEADDR");
  if (options.reusePort)
    require(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), fd, "setsockopt SO_REUSEPORT");
  // Accepted sockets inherit it on Linux, which saves a call for each of them.
  require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), fd, "setsockopt TCP_NODELAY");
  require(bind(fd, &address.any, address.length()), fd, "bind");
  require(::listen(fd, options.backlog), fd, "listen");
  return fd;
}

}  // namespace driver
