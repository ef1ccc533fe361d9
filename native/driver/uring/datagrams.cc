// Datagrams by a poll that completes when there are some: receiving many in one call costs less than a
// request each.
#include <poll.h>

#include <algorithm>

#include "uring.h"

namespace driver {

void UringDriver::watchDatagrams(uint32_t number) {
  request(Operation::Datagrams, number, datagrams_[number]->fd())->poll_events = POLLIN;
  if (number >= polling_.size()) polling_.resize(number + 1);
  polling_[number] = true;
}

void UringDriver::datagramsReady(const Completion& completion) {
  polling_[completion.number] = false;
  if (completion.result == -ECANCELED || !datagrams_[completion.number]->open()) return;
  ++waiting_.events;
  receiveDatagrams(completion.number);
}

/// Once, and again when all was received, so that it looks at the state as it is then.
void UringDriver::datagramsReceived(uint32_t number) {
  if (!polling_[number]) watchDatagrams(number);
}

/// The port is free only when no request holds the socket open.
void UringDriver::endDatagrams(uint32_t number) {
  if (!polling_[number]) return;
  cancel(Operation::Datagrams, number);
  const auto hasEnded = [number](const Completion& completion) {
    return completion.operation == Operation::Datagrams && completion.number == number;
  };
  while (std::none_of(completions_.begin(), completions_.end(), hasEnded)) {
    ++waiting_.controls;
    enter(1, -1);
  }
}

}  // namespace driver
