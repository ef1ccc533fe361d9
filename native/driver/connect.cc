// Outgoing connections: from the first packet to the moment when they are like accepted ones.
#include "connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "../base/clock.h"
#include "../base/descriptor.h"
#include "../base/error.h"
#include "driver_base.h"
#include "keep_alive.h"

namespace driver {

namespace {

base::Descriptor openOutgoing(const ConnectOptions& options, const Endpoint& remote) {
  base::Descriptor socket(base::require(
      ::socket(remote.any()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int fd = socket.fd();
  if (remote.isUnix()) return socket;
  const int on = 1;
  base::require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt TCP_NODELAY");
  if (options.keepAliveSeconds > 0) setKeepAlive(fd, options.keepAliveSeconds);
  if (!options.localAddress.empty()) {
    // With the port left to `connect`, one local address has as many ports for each remote one as there are.
    base::require(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on),
                  "setsockopt IP_BIND_ADDRESS_NO_PORT");
    const Address local(options.localAddress, 0);
    base::require(bind(fd, &local.any, local.length()), "bind");
  }
  return socket;
}

}  // namespace

Token DriverBase::connect(const ConnectOptions& options) {
  const Endpoint remote(options.host, options.port, options.path);
  Connection* const connection = slots_.acquire();
  // There are as many slots as the process may have descriptors.
  if (connection == nullptr) throw base::SystemError("socket", EMFILE);
  try {
    base::Descriptor socket = openOutgoing(options, remote);
    connection->fd = socket.fd();
    connection->inPassage().remote = remote.address();
    connection->connecting = true;
    // To a Unix socket one is connected at once, or not at all.
    if (remote.isUnix()) base::require(::connect(connection->fd, remote.any(), remote.length()), "connect");
    startConnecting(*connection);
    socket.release();
  } catch (...) {
    slots_.release(*connection);
    throw;
  }
  // An owner may ask for it long after the last turn, whose time would let it expire too early.
  const int64_t startedNs = base::monotonicNs();
  connection->listener = kOutgoing;
  connection->lastActiveNs = startedNs;
  connection->idleTimeoutMs = options.idleTimeoutMs;
  noteIdleTimeout(connection->idleTimeoutNs());
  if (options.connectTimeoutNs > 0) {
    connection->inPassage().connectUntilNs = startedNs + options.connectTimeoutNs;
    checkBy(startedNs + options.connectTimeoutNs);
  }
  publish(*connection, 0);
  return connection->token();
}

void DriverBase::connectionMade(Connection& connection) {
  connection.connecting = false;
  connection.passage.reset();
  connection.lastActiveNs = nowNs_;
  if (connection.idleTimeoutMs > 0) scheduleCheck();
  // At the end of the batch it is read from, which also looks for what came in meanwhile.
  makeDirty(connection);
  handler_.opened(connection.token(), kOutgoing);
}

}  // namespace driver
