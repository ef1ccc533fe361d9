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
  dropArrived(listeners_[number]);
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
  if (completion.result < 0) {
    if (refuse(listener, -completion.result)) rest(number);
  } else if (!listener.arrived.empty()) {
    listener.arrived.push_back(completion.result);
  } else if (listener.accepted.in(turn_) >= kAcceptBudget) {
    listener.arrived.push_back(completion.result);
    makeReady(number);
    // The others wait in the backlog meanwhile.
    suspendAccepting(number);
  } else if (!take(number, completion.result)) {
    rest(number);
  }
  keepAccepting(number);
}

/// Tells of the connections that were beyond the budget. A handler may close the listener, or open another
/// one, which moves this one.
void Uring::acceptOn(uint32_t number) {
  listeners_[number].inReadyList = false;
  while (!listeners_[number].arrived.empty()) {
    Listener& listener = listeners_[number];
    if (listener.accepted.in(turn_) >= kAcceptBudget) return makeReady(number);
    const int fd = listener.arrived.front();
    listener.arrived.pop_front();
    if (!take(number, fd)) rest(number);
  }
  keepAccepting(number);
}

/// Returns false when no more connections can be taken for now.
bool Uring::take(uint32_t number, int fd) {
  ++listeners_[number].accepted.in(turn_);
  return adopt(fd, number, Address());
}

/// The kernel ends its accepting with each failure.
void Uring::keepAccepting(uint32_t number) {
  const Listener& listener = listeners_[number];
  if (listener.open() && !listener.accepting && listener.resumeAtNs == 0 && listener.arrived.empty())
    resumeAccepting(number);
}

void Uring::dropArrived(Listener& listener) {
  for (const int fd : listener.arrived) ::close(fd);
  listener.arrived.clear();
}

/// Returns whether no more connections can be taken for now.
bool Uring::refuse(Listener& listener, int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
      shed(listener);
      return true;
    case ENOBUFS:
    case ENOMEM:
      return true;
    default:
      return false;
  }
}

}  // namespace driver
