// Connecting by a request that completes when the attempt has ended.
#include <poll.h>

#include <cerrno>

#include "uring.h"

namespace driver {

void UringDriver::startConnecting(Connection& connection) {
  own(connection).requests.connecting = true;
  io_uring_sqe* const connect = request(Operation::Connect, connection.slot, connection.fd);
  const Address& remote = connection.passage->remote;
  if (remote.any.sa_family == AF_UNIX) {
    // It is connected already, so it is writable, and the completion says nothing but that.
    connect->opcode = IORING_OP_POLL_ADD;
    connect->poll_events = POLLOUT;
    return;
  }
  // The kernel copies the address when it takes the request, and the slot stays as long as that.
  connect->addr = reinterpret_cast<uintptr_t>(&remote.any);
  connect->off = remote.length();
}

void UringDriver::connected(const Completion& completion) {
  UringConnection& connection = own(slots_.at(completion.number));
  connection.requests.connecting = false;
  if (!connection.open()) return closeWhenQuiet(connection);
  ++waiting_.events;
  if (completion.result < 0) return closeNow(connection, -completion.result);
  connectionMade(connection);
}

}  // namespace driver
