// Taking connections in, and what happens when no more can be taken.
#include <fcntl.h>
#include <sys/socket.h>

#include <exception>
#include <string>
#include <utility>

#include "../base/clock.h"
#include "../base/error.h"
#include "driver_base.h"

namespace driver {

/// How long a listener backs off when connections cannot be taken; one that stays ready would spin otherwise.
constexpr int64_t kBackoffNs = 100'000'000;
constexpr const char* kNoSlotLeft =
    "There are as many connections as this process may have open files. Raise the limit (ulimit -n).";
constexpr const char* kNoDescriptorLeft =
    "accept: This process or the system has no descriptor left. Raise the limit (ulimit -n).";

bool DriverBase::takeIn(base::Descriptor socket, uint32_t number) {
  Connection* connection = slots_.acquire();
  std::string obstacle;
  if (connection != nullptr) {
    connection->fd = socket.fd();
    connection->listener = number;
    connection->untouched = true;
    connection->lastActiveNs = nowNs_;
    connection->idleTimeoutMs = listeners_[number].idleTimeoutMs;
    try {
      admit(*connection);
      socket.release();
    } catch (const std::exception& full) {
      // FD_SETSIZE, or a limit on watches.
      obstacle = full.what();
      slots_.release(*connection);
      connection = nullptr;
    }
  }
  if (connection == nullptr) {
    socket.close();
    ++counters_.rejected;
    handler_.rejected(obstacle.empty() ? kNoSlotLeft : obstacle);
    return false;
  }
  ++counters_.accepts;
  ++listeners_[number].opened;
  if (connection->idleTimeoutMs > 0) scheduleCheck();
  publish(*connection, 0);
  handler_.opened(connection->token(), number);
  return true;
}

bool DriverBase::adopt(int fd, uint32_t number) {
  nowNs_ = base::monotonicNs();
  return takeIn(base::Descriptor(fd), number);
}

int DriverBase::detach(Token token) {
  Connection* const connection = need(token);
  if (connection == nullptr || connection->connecting || !connection->queue.empty() || !connection->untouched)
    return -1;
  // The connection lives as long as any descriptor of it, so the driver may close its own as it always does.
  const int copy = fcntl(connection->fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) {
    ++counters_.rejected;
    handler_.rejected(kNoDescriptorLeft);
  }
  closeNow(*connection, 0);
  return copy;
}

void DriverBase::openWaiting(uint32_t number) {
  for (;;) {
    base::Descriptor socket(accept4(listeners_[number].fd(), nullptr, nullptr, acceptFlags()));
    if (!socket.open() || !takeIn(std::move(socket), number)) return;
  }
}

/// Out of descriptors: takes one waiting connection with the reserve and closes it, so that its peer is not
/// kept waiting.
void DriverBase::rejectWaiting(Listener& listener) {
  if (!reserve_.open()) return;
  reserve_.close();
  base::Descriptor waiting(accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  const bool isRejected = waiting.open();
  waiting.close();
  reserve_ = openReserve();
  if (!isRejected) return;
  ++counters_.rejected;
  handler_.rejected(kNoDescriptorLeft);
}

void DriverBase::backOff(uint32_t number) {
  Listener& listener = listeners_[number];
  suspendAccepting(number);
  if (listener.resumeAtNs == 0) ++backingOff_;
  listener.resumeAtNs = nowNs_ + kBackoffNs;
}

void DriverBase::resumeListeners() {
  for (uint32_t number = 0; number < listeners_.size(); ++number) {
    Listener& listener = listeners_[number];
    if (listener.resumeAtNs == 0 || listener.resumeAtNs > nowNs_) continue;
    listener.resumeAtNs = 0;
    --backingOff_;
    if (!reserve_.open()) reserve_ = openReserve();
    try {
      resumeAccepting(number);
    } catch (const base::SystemError&) {
      // Others may have taken what was freed meanwhile; the connections that there are go on.
      listener.resumeAtNs = nowNs_ + kBackoffNs;
      ++backingOff_;
    }
  }
}

}  // namespace driver
