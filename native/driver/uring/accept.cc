// Accepting by completions: one request for each listener, which completes with every connection.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "flags.h"
#include "uring.h"

namespace driver {

void UringDriver::startAccepting(uint32_t number) {
  io_uring_sqe* const accept = request(Operation::Accept, number, listeners_[number].fd());
  accept->ioprio = kAcceptMultishot;
  accept->accept_flags = static_cast<unsigned>(acceptFlags());
  if (number >= accepting_.size()) accepting_.resize(number + 1);
  accepting_[number].accepting = true;
}

void UringDriver::suspendAccepting(uint32_t number) {
  if (accepting_[number].accepting) cancel(Operation::Accept, number);
}

void UringDriver::resumeAccepting(uint32_t number) {
  if (accepting_[number].accepting) return;
  ++waiting_.rearms;
  startAccepting(number);
}

/// The port is free only when no request holds the listener open. What else completes meanwhile is served in
/// the next turn. Whatever the kernel has accepted by then has a peer that believes itself served.
void UringDriver::endAccepting(uint32_t number) {
  withdrawAccepting(number);
  std::deque<base::Descriptor> arrived = std::exchange(accepting_[number].arrived, {});
  std::erase_if(completions_, [&](const Completion& completion) {
    if (completion.operation != Operation::Accept || completion.number != number) return false;
    if (completion.result >= 0) arrived.emplace_back(completion.result);
    return true;
  });
  accepting_[number].accepting = false;
  if (dropping_) return;
  for (base::Descriptor& socket : arrived) open(number, std::move(socket));
}

void UringDriver::withdrawAccepting(uint32_t number) {
  if (!accepting_[number].accepting) return;
  cancel(Operation::Accept, number);
  const auto hasEnded = [number](const Completion& completion) {
    return completion.operation == Operation::Accept && completion.number == number && completion.isLast();
  };
  while (std::none_of(completions_.begin(), completions_.end(), hasEnded)) {
    ++waiting_.controls;
    enter(1, -1);
  }
}

void UringDriver::admit(Connection& connection) { makeDirty(connection); }

void UringDriver::accepted(const Completion& completion) {
  const uint32_t number = completion.number;
  UringListener& listener = accepting_[number];
  if (completion.isLast()) listener.accepting = false;
  base::Descriptor socket(completion.result);
  if (!listeners_[number].open()) return;
  if (completion.result != -ECANCELED) ++waiting_.events;
  if (completion.result < 0) {
    if (refuse(number, -completion.result)) backOff(number);
  } else if (!listener.arrived.empty()) {
    listener.arrived.push_back(std::move(socket));
  } else if (listener.accepted.in(turn_) >= kAcceptBudget) {
    listener.arrived.push_back(std::move(socket));
    makeReady(number);
    // The others wait in the backlog meanwhile.
    suspendAccepting(number);
  } else if (!open(number, std::move(socket))) {
    backOff(number);
  }
  keepAccepting(number);
}

/// Opens the connections that were beyond the budget. A handler may close the listener, or open another
/// one, which moves this one.
void UringDriver::acceptOn(uint32_t number) {
  listeners_[number].inReadyList = false;
  while (!accepting_[number].arrived.empty()) {
    UringListener& listener = accepting_[number];
    if (listener.accepted.in(turn_) >= kAcceptBudget) return makeReady(number);
    base::Descriptor socket = std::move(listener.arrived.front());
    listener.arrived.pop_front();
    if (!open(number, std::move(socket))) backOff(number);
  }
  keepAccepting(number);
}

/// Returns false when no more connections can be taken for now.
bool UringDriver::open(uint32_t number, base::Descriptor socket) {
  ++accepting_[number].accepted.in(turn_);
  return takeIn(std::move(socket), number);
}

/// The kernel ends its accepting with each failure.
void UringDriver::keepAccepting(uint32_t number) {
  const Listener& listener = listeners_[number];
  const UringListener& own = accepting_[number];
  if (listener.open() && !own.accepting && listener.resumeAtNs == 0 && own.arrived.empty())
    resumeAccepting(number);
}

/// Returns whether no more connections can be taken for now.
bool UringDriver::refuse(uint32_t number, int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
      rejectWaiting(listeners_[number]);
      return true;
    case ENOBUFS:
    case ENOMEM:
      return true;
    default:
      return false;
  }
}

}  // namespace driver
