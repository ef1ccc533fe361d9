// Opening a listening socket.
#include "listener.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "../base/error.h"
#include "keep_alive.h"

namespace driver {

namespace {

void set(int fd, int level, int option, int value, const char* call) {
  base::require(setsockopt(fd, level, option, &value, sizeof value), call);
}

base::Descriptor bound(const ListenOptions& options) {
  const Endpoint endpoint(options.host, options.port, options.path);
  base::Descriptor listener(base::require(
      ::socket(endpoint.any()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int fd = listener.fd();
  if (!endpoint.isUnix()) set(fd, SOL_SOCKET, SO_REUSEADDR, 1, "setsockopt SO_REUSEADDR");
  if (options.reusePort) set(fd, SOL_SOCKET, SO_REUSEPORT, 1, "setsockopt SO_REUSEPORT");
  if (options.ipv6Only) set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "setsockopt IPV6_V6ONLY");
  base::require(bind(fd, endpoint.any(), endpoint.length()), "bind");
  return listener;
}

/// Whoever passed it may have left it blocking, and open to programs that are started.
base::Descriptor passed(int fd) {
  int type = 0;
  socklen_t length = sizeof type;
  base::require(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length), "getsockopt SO_TYPE");
  if (type != SOCK_STREAM)
    throw base::SystemError("listen", EOPNOTSUPP, "the descriptor is no stream socket");
  const int flags = base::require(fcntl(fd, F_GETFL), "fcntl F_GETFL");
  base::require(fcntl(fd, F_SETFL, flags | O_NONBLOCK), "fcntl F_SETFL");
  base::require(fcntl(fd, F_SETFD, FD_CLOEXEC), "fcntl F_SETFD");
  return base::Descriptor(fd);
}

}  // namespace

SocketFile SocketFile::at(const std::string& path) {
  struct stat found{};
  base::require(::stat(path.c_str(), &found), "stat");
  return {path, found.st_dev, found.st_ino};
}

void SocketFile::remove() const {
  if (path.empty()) return;
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0 || found.st_dev != device || found.st_ino != inode) return;
  const Endpoint endpoint("", 0, path);
  const base::Descriptor asking(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (::connect(asking.fd(), endpoint.any(), endpoint.length()) == 0 || errno != ECONNREFUSED) return;
  ::unlink(path.c_str());
}

base::Descriptor openListener(const ListenOptions& options) {
  base::Descriptor listener = options.fd >= 0 ? passed(options.fd) : bound(options);
  const int fd = listener.fd();
  try {
    // Accepted sockets inherit these on Linux, which saves calls for each of them.
    if (localAddressOf(fd).any.sa_family != AF_UNIX) {
      set(fd, IPPROTO_TCP, TCP_NODELAY, 1, "setsockopt TCP_NODELAY");
      if (options.keepAliveSeconds > 0) setKeepAlive(fd, options.keepAliveSeconds);
    }
    // One that listens already only gets another backlog.
    base::require(::listen(fd, options.backlog), "listen");
  } catch (...) {
    // Until it listens it is its owner's.
    if (options.fd >= 0) listener.release();
    throw;
  }
  return listener;
}

}  // namespace driver
