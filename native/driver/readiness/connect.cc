// Connecting by readiness: a socket is writable when its attempt has ended.
#include <sys/socket.h>

#include <cerrno>

#include "../../base/error.h"
#include "readiness.h"

namespace driver {

void ReadinessDriver::startConnecting(Connection& connection) {
  // To a Unix socket it is connected already, and thus writable.
  const Address& remote = connection.passage->remote;
  if (remote.any.sa_family != AF_UNIX && ::connect(connection.fd, &remote.any, remote.length()) != 0 &&
      errno != EINPROGRESS)
    throw base::SystemError("connect", errno);
  multiplexer_->add(connection.fd, multiplexer::kWritable, connection.token());
  own(connection).interest = multiplexer::kWritable;
  own(connection).watched = true;
}

/// The descriptor became writable or hung up: either way the kernel knows by now how the attempt ended.
void ReadinessDriver::serveConnecting(Connection& connection) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return closeNow(connection, error);
  connectionMade(connection);
}

}  // namespace driver
