// Accepting by readiness.
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "../tokens.h"
#include "readiness.h"

namespace driver {

void ReadinessDriver::startAccepting(uint32_t number) {
  multiplexer_->add(listeners_[number].fd(), multiplexer::kReadable, listenerToken(number));
}

void ReadinessDriver::suspendAccepting(uint32_t number) {
  multiplexer_->modify(listeners_[number].fd(), 0, listenerToken(number));
}

void ReadinessDriver::resumeAccepting(uint32_t number) {
  multiplexer_->modify(listeners_[number].fd(), multiplexer::kReadable, listenerToken(number));
  acceptOn(number);
}

void ReadinessDriver::endAccepting(uint32_t number) { unwatch(listeners_[number].fd()); }

void ReadinessDriver::admit(Connection& connection) {
  multiplexer_->add(connection.fd, multiplexer::kReadable, connection.token());
  own(connection).interest = multiplexer::kReadable;
  own(connection).watched = true;
}

void ReadinessDriver::acceptOn(uint32_t number) {
  listeners_[number].inReadyList = false;
  for (size_t taken = 0; taken < kAcceptBudget;) {
    base::Descriptor socket(accept4(listeners_[number].fd(), nullptr, nullptr, acceptFlags()));
    if (socket.open()) {
      ++taken;
      if (!takeIn(std::move(socket), number)) return backOff(number);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        ++counters_.eagains;
        return;
      case EMFILE:
      case ENFILE:
        rejectWaiting(listeners_[number]);
        return backOff(number);
      case ENOBUFS:
      case ENOMEM:
        return backOff(number);
      default:
        // The connection at the head of the queue failed before it was taken; the next one may be fine.
        ++taken;
    }
  }
  if (kind_.edgeTriggered) makeReady(number);
}

}  // namespace driver
