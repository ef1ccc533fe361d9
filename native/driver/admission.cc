// Taking connections in, and what happens when no more can be taken.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <string>

#include "driver_base.h"

namespace driver {

/// How long accepting rests when connections cannot be taken; a listener that stays ready would spin
/// otherwise.
constexpr int64_t kRestNs = 100'000'000;
constexpr const char* kNoSlotLeft =
    "There are as many connections as this process may have open files. Raise the limit (ulimit -n).";
constexpr const char* kNoDescriptorLeft =
    "accept: This process or the system has no descriptor left. Raise the limit (ulimit -n).";

bool DriverBase::adopt(int fd, uint32_t number, const Address& remote) {
  Connection* connection = slots_.acquire();
  std::string obstacle;
  if (connection != nullptr) {
    connection->fd = fd;
    connection->listener = number;
    connection->remote = remote;
    connection->lastActiveNs = nowNs_;
    connection->idleTimeoutNs = listeners_[number].idleTimeoutNs;
    try {
      admit(*connection);
    } catch (const std::exception& full) {
      // FD_SETSIZE, or a limit on watches.
      obstacle = full.what();
      slots_.release(*connection);
      connection = nullptr;
    }
  }
  if (connection == nullptr) {
    ::close(fd);
    ++counters_.sheds;
    handler_.turnedAway(obstacle.empty() ? kNoSlotLeft : obstacle);
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
  if (fd >= 0) ::close(fd);
  reserveFd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ++counters_.sheds;
  handler_.turnedAway(kNoDescriptorLeft);
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
