// Opening a listening socket.
#include "listener.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include "../base/error.h"

namespace driver {

base::Descriptor openListener(const ListenOptions& options) {
  const Address address(options.host, options.port);
  base::Descriptor listener(base::require(
      ::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int fd = listener.fd();
  const int on = 1;
  base::require(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "setsockopt SO_REUSEADDR");
  if (options.reusePort)
    base::require(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "setsockopt SO_REUSEPORT");
  // Accepted sockets inherit it on Linux, which saves a call for each of them.
  base::require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt TCP_NODELAY");
  base::require(bind(fd, &address.any, address.length()), "bind");
  base::require(::listen(fd, options.backlog), "listen");
  return listener;
}

}  // namespace driver
