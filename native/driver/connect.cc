// Outgoing connections: from the first packet to the moment when they are like accepted ones.
#include "connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "clock.h"
#include "readiness.h"

namespace driver {

namespace {

void require(int result, int fd, const char* call) {
  if (result == 0 || errno == EINPROGRESS) return;
  const int error = errno;
  ::close(fd);
  throw std::system_error(error, std::system_category(), call);
}

/// Returns a descriptor whose connection is on its way, or made already.
int beginConnection(const ConnectOptions& options, const Address& remote) {
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
  require(::connect(fd, &remote.any, remote.length()), fd, "connect");
  return fd;
}

}  // namespace

Token Readiness::connect(const ConnectOptions& options) {
  const Address remote(options.host, options.port);
  Connection* const connection = slots_.acquire();
  // There are as many slots as the process may have descriptors.
  if (connection == nullptr) throw std::system_error(EMFILE, std::system_category(), "socket");
  int fd = -1;
  try {
    fd = beginConnection(options, remote);
    multiplexer_->add(fd, multiplexer::kWritable, connection->token());
  } catch (...) {
    if (fd >= 0) ::close(fd);
    slots_.release(*connection);
    throw;
  }
  // An owner may ask for it long after the last turn, whose time would let it expire too early.
  const int64_t startedNs = monotonicNs();
  connection->fd = fd;
  connection->listener = kOutgoing;
  connection->connecting = true;
  connection->interest = multiplexer::kWritable;
  connection->watched = true;
  connection->remote = remote;
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

/// The descriptor became writable or hung up: either way the kernel knows by now how the attempt ended.
void Readiness::serveConnecting(Connection& connection) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return closeNow(connection, error);
  connection.connecting = false;
  connection.lastActiveNs = nowNs_;
  if (connection.idleTimeoutNs > 0) scheduleCheck();
  // At the end of the batch it is watched for input, which also looks for what came in meanwhile.
  makeDirty(connection);
  handler_.opened(connection.token(), kOutgoing);
}

}  // namespace driver
