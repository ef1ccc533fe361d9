// Taking connections in, and what happens when no more can be taken.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>

#include "driver_base.h"

namespace driver {

/// How long accepting rests when connections cannot be taken; a listener that stays ready would spin
/// otherwise.
constexpr int64_t kRestNs = 100'000'000;

bool DriverBase::adopt(int fd, uint32_t number, const Address& remote) {
  Connection* connection = slots_.acquire();
  if (connection != nullptr) {
    connection->fd = fd;
    connection->listener = number;
    connection->remote = remote;
    connection->lastActiveNs = nowNs_;
    connection->idleTimeoutNs = listeners_[number].idleTimeoutNs;
    try {
      admit(*connection);
    } catch (const std::exception&) {
      // The multiplexer is full (FD_SETSIZE, a limit on watches); the counter and the pause tell of it.
      slots_.release(*connection);
      connection = nullptr;
    }
  }
  if (connection == nullptr) {
    ::close(fd);
    ++counters_.sheds;
    return false;
  }
  ++counters_.accepts;
  if (connection->idleTimeoutNs > 0) scheduleCheck();
  publish(*connection);
  handler_.opened(connection->token(), number);
  return true;
}

/// Out of descriptors: takes one waiting connection with the reserve and closes it, so that its peer learns
/// of it.
void DriverBase::shed(Listener& listener) {
  if (reserveFd_ < 0) return;
  ::close(reserveFd_);
  const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    ::close(fd);
    ++counters_.sheds;
  }
  reserveFd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void DriverBase::rest(uint32_t number) {
  Listener& listener = listeners_[number];
  suspendAccepting(number);
  if (listener.resumeAtNs == 0) ++resting_;
  listener.resumeAtNs = nowNs_ + kRestNs;
}

void DriverBase::resumeListeners() {
  for (uint32_t number = 0; number < listeners_.size(); ++number) {
    Listener& listener = listeners_[number];
    if (listener.resumeAtNs == 0 || listener.resumeAtNs > nowNs_) continue;
    listener.resumeAtNs = 0;
    --resting_;
    if (reserveFd_ < 0) reserveFd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    resumeAccepting(number);
  }
}

}  // namespace driver
