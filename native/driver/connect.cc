// Outgoing connections: from the first packet to the moment when they are like accepted ones.
#include "connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "clock.h"
#include "driver_base.h"
#include "require.h"

namespace driver {

namespace {

int openOutgoing(const ConnectOptions& options, const Address& remote) {
  const int fd = ::socket(remote.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::system_error(errno, std::system_category(), "socket");
  const int on = 1;
  require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), fd, "setsockopt TCP_NODELAY");
  if (!options.localAddress.empty()) {
    // With the port left to `connect`, one local address has as many ports for each remote one as there are.
    require(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on), fd,
            "setsockopt IP_BIND_ADDRESS_NO_PORT");
    const Address local(options.localAddress, 0);
    require(bind(fd, &local.any, local.length()), fd, "bind");
  }
  return fd;
}

}  // namespace

Token DriverBase::connect(const ConnectOptions& options) {
  const Address remote(options.host, options.port);
  Connection* const connection = slots_.acquire();
  // There are as many slots as the process may have descriptors.
  if (connection == nullptr) throw std::system_error(EMFILE, std::system_category(), "socket");
  int fd = -1;
  try {
    fd = openOutgoing(options, remote);
    connection->fd = fd;
    connection->remote = remote;
    connection->connecting = true;
    startConnecting(*connection);
  } catch (...) {
    if (fd >= 0) ::close(fd);
    slots_.release(*connection);
    throw;
  }
  // An owner may ask for it long after the last turn, whose time would let it expire too early.
  const int64_t startedNs = monotonicNs();
  connection->listener = kOutgoing;
  connection->lastActiveNs = startedNs;
  connection->idleTimeoutNs = options.idleTimeoutNs;
  noteIdleTimeout(options.idleTimeoutNs);
  if (options.connectTimeoutNs > 0) {
    connection->connectUntilNs = startedNs + options.connectTimeoutNs;
    checkBy(connection->connectUntilNs);
  }
  publish(*connection);
  return connection->token();
}

void DriverBase::connectionMade(Connection& connection) {
  connection.connecting = false;
  connection.lastActiveNs = nowNs_;
  if (connection.idleTimeoutNs > 0) scheduleCheck();
  // At the end of the batch it is read from, which also looks for what came in meanwhile.
  makeDirty(connection);
  handler_.opened(connection.token(), kOutgoing);
}

}  // namespace driver
