// What the completion driver keeps of a connection or listener, beside what every driver does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <utility>

#include "../../base/descriptor.h"
#include "../connection.h"
#include "held_input.h"
#include "turn_share.h"

namespace driver {

/// What was asked of the kernel for one connection.
struct Requests {
  bool receiving = false;
  /// The receive is being cancelled, and its last completion is due.
  bool withdrawing = false;
  bool receivedBefore = false;
  bool connecting = false;
  bool sending = false;
  /// A completion of the send has come, which says more than that all was sent.
  bool sendCompleted = false;
  /// In the list of those that send when the next turn begins.
  bool toSend = false;
  /// The kernel did not take all at once, so that the next send waits in the kernel until it can.
  bool sendWaits = false;
  /// The descriptor of a connection that is over, while requests hold on to it.
  int closingFd = -1;
  /// The bytes that the handler got.
  TurnShare delivered;
  /// Null when nothing is held.
  std::unique_ptr<HeldInput> held;

  bool inFlight() const { return receiving || sending || connecting; }
  bool holdsPieces() const { return held != nullptr && held->hasPieces(); }
  bool holdsCopy() const { return held != nullptr && held->hasCopy(); }
  HeldInput& holding() {
    if (held == nullptr) held = std::make_unique<HeldInput>();
    return *held;
  }
  /// Called after something was taken from what is held.
  void holdNoMore() {
    if (held != nullptr && held->empty()) held.reset();
  }
};

struct UringConnection : Connection {
  Requests requests;
  /// What was sent while the kernel reads `queue`, whose bytes must not move until it is done.
  SendQueue queuedLater;

  size_t unsentBytes() const { return queue.size() + queuedLater.size(); }

  void append(std::span<const uint8_t> more, SendBuffers& spare) {
    (requests.sending || !queuedLater.empty() ? queuedLater : queue).append(more, spare);
  }

  /// The kernel took these bytes, and reads the queue no more.
  void consume(size_t count, SendBuffers& spare) {
    queue.consume(count, spare);
    if (queue.empty()) std::swap(queue, queuedLater);
  }
};

struct UringListener {
  UringListener() = default;
  UringListener(UringListener&&) = default;
  UringListener& operator=(UringListener&&) = default;

  /// The request is in flight.
  bool accepting = false;
  /// Connections that were accepted beyond the budget of a turn, until the handler gets them.
  std::deque<base::Descriptor> arrived;
  /// The connections that the handler got.
  TurnShare accepted;
};

}  // namespace driver
