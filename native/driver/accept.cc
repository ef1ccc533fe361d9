// Accepting, and what happens when no more connections can be taken.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "readiness.h"
#include "tokens.h"

namespace driver {

/// Accepts of one listener in one turn, so that a burst of connections does not keep the others waiting.
constexpr int kAcceptBudget = 128;
/// How long accepting rests when connections cannot be taken; a listener that stays ready would spin
/// otherwise.
constexpr int64_t kRestNs = 100'000'000;

void Readiness::accept(uint32_t number) {
  listeners_[number].inReadyList = false;
  for (int taken = 0; taken < kAcceptBudget;) {
    Address remote;
    socklen_t length = sizeof remote;
    const int fd = accept4(listeners_[number].fd, &remote.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      ++taken;
      if (!adopt(fd, number, remote)) return rest(number);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        ++counters_.eagains;
        return;
      case EMFILE:
      case ENFILE:
        shed(listeners_[number]);
        return rest(number);
      case ENOBUFS:
      case ENOMEM:
        return rest(number);
      default:
        // The connection at the head of the queue failed before it was taken; the next one may be fine.
        ++taken;
    }
  }
  if (kind_.edgeTriggered) {
    listeners_[number].inReadyList = true;
    ready_.push_back(listenerToken(number));
  }
}

/// Returns false when there is no place for it; it is closed then.
bool Readiness::adopt(int fd, uint32_t number, const Address& remote) {
  Connection* connection = slots_.acquire();
  if (connection != nullptr) {
    try {
      multiplexer_->add(fd, multiplexer::kReadable, connection->token());
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
  connection->fd = fd;
  connection->listener = number;
  connection->interest = multiplexer::kReadable;
  connection->watched = true;
  connection->remote = remote;
  connection->lastActiveNs = nowNs_;
  connection->idleTimeoutNs = listeners_[number].idleTimeoutNs;
  if (connection->idleTimeoutNs > 0) scheduleCheck();
  publish(*connection);
  handler_.opened(connection->token(), number);
  return true;
}

/// Out of descriptors: takes one waiting connection with the reserve and closes it, so that its peer learns
/// of it.
void Readiness::shed(Listener& listener) {
  if (reserveFd_ < 0) return;
  ::close(reserveFd_);
  const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    ::close(fd);
    ++counters_.sheds;
  }
  reserveFd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void Readiness::rest(uint32_t number) {
  Listener& listener = listeners_[number];
  multiplexer_->modify(listener.fd, 0, listenerToken(number));
  if (listener.resumeAtNs == 0) ++resting_;
  listener.resumeAtNs = nowNs_ + kRestNs;
}

void Readiness::resumeListeners() {
  for (uint32_t number = 0; number < listeners_.size(); ++number) {
    Listener& listener = listeners_[number];
    if (listener.resumeAtNs == 0 || listener.resumeAtNs > nowNs_) continue;
    listener.resumeAtNs = 0;
    --resting_;
    if (reserveFd_ < 0) reserveFd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    multiplexer_->modify(listener.fd, multiplexer::kReadable, listenerToken(number));
    accept(number);
  }
}

}  // namespace driver
