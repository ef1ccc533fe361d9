// Accepting by readiness.
#include <sys/socket.h>

#include <cerrno>

#include "readiness.h"
#include "tokens.h"

namespace driver {

void Readiness::startAccepting(uint32_t number) {
  multiplexer_->add(listeners_[number].fd, multiplexer::kReadable, listenerToken(number));
}

void Readiness::suspendAccepting(uint32_t number) {
  multiplexer_->modify(listeners_[number].fd, 0, listenerToken(number));
}

void Readiness::resumeAccepting(uint32_t number) {
  multiplexer_->modify(listeners_[number].fd, multiplexer::kReadable, listenerToken(number));
  acceptOn(number);
}

void Readiness::endAccepting(uint32_t number) { unwatch(listeners_[number].fd); }

void Readiness::admit(Connection& connection) {
  multiplexer_->add(connection.fd, multiplexer::kReadable, connection.token());
  connection.interest = multiplexer::kReadable;
  connection.watched = true;
}

void Readiness::acceptOn(uint32_t number) {
  listeners_[number].inReadyList = false;
  for (size_t taken = 0; taken < kAcceptBudget;) {
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
  if (kind_.edgeTriggered) makeReady(number);
}

}  // namespace driver
