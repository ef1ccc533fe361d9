// Accepting by completions: one request for each listener, which completes with every connection.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "uring.h"
#include "uring_flags.h"

namespace driver {

void Uring::startAccepting(uint32_t number) {
  io_uring_sqe* const accept = request(Operation::Accept, number, listeners_[number].fd);
  accept->ioprio = kAcceptMultishot;
  accept->accept_flags = SOCK_CLOEXEC;
  listeners_[number].accepting = true;
}

void Uring::suspendAccepting(uint32_t number) {
  if (listeners_[number].accepting) cancel(Operation::Accept, number);
}

void Uring::resumeAccepting(uint32_t number) {
  if (listeners_[number].accepting) return;
  ++waiting_.rearms;
  startAccepting(number);
}

/// The port is free only when no request holds the listener open. What else completes meanwhile is served in
/// the next turn.
void Uring::endAccepting(uint32_t number) {
  if (!listeners_[number].accepting) return;
  cancel(Operation::Accept, number);
  const auto hasEnded = [number](const Completion& completion) {
    return completion.operation == Operation::Accept && completion.number == number && completion.isLast();
  };
  while (std::none_of(completions_.begin(), completions_.end(), hasEnded)) {
    ++waiting_.controls;
    enter(1, -1);
  }
}

void Uring::admit(Connection& connection) { makeDirty(connection); }

void Uring::accepted(const Completion& completion) {
  const uint32_t number = completion.number;
  Listener& listener = listeners_[number];
  if (completion.isLast()) listener.accepting = false;
  if (!listener.open()) {
    if (completion.result >= 0) ::close(completion.result);
    return;
  }
  if (completion.result != -ECANCELED) ++waiting_.events;
  if (!take(listener, completion))
    rest(number);
  else if (!listener.accepting && listener.resumeAtNs == 0)
    resumeAccepting(number);
}

/// Returns false when no more connections can be taken for now.
bool Uring::take(Listener& listener, const Completion& completion) {
  if (completion.result >= 0) return adopt(completion.result, completion.number, Address());
  switch (-completion.result) {
    case EMFILE:
    case ENFILE:
      shed(listener);
      return false;
    case ENOBUFS:
    case ENOMEM:
      return false;
    default:
      return true;
  }
}

}  // namespace driver
