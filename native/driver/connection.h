// One connection's state, and the pool that connections live in.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "../multiplexer/multiplexer.h"
#include "address.h"
#include "handler.h"
#include "held_input.h"
#include "send_queue.h"
#include "turn_share.h"

namespace driver {

/// What the completion driver has asked of the kernel for one connection.
struct Requests {
  bool receiving = false;
  /// The receive was told to end, and its last completion is due.
  bool withdrawing = false;
  bool receivedBefore = false;
  bool connecting = false;
  bool sending = false;
  /// A completion of the send has come, which says more than that all was sent.
  bool sendTold = false;
  /// In the list of those that send when the next turn begins.
  bool toSend = false;
  /// The kernel did not take all at once, so that the next send waits in the kernel until it can.
  bool sendWaits = false;
  /// The descriptor of a connection that is over, while requests hold on to it.
  int closingFd = -1;
  TurnShare told;
  HeldInput held;

  bool inFlight() const { return receiving || sending || connecting; }
};

struct Connection {
  int fd = -1;
  uint32_t generation = 0;
  uint32_t slot = 0;
  uint32_t listener = 0;
  /// An outgoing connection that is not made yet.
  bool connecting = false;
  /// What the multiplexer was told; compared with what is wanted at the end of a batch.
  multiplexer::Readiness interest = 0;
  /// False once a hang-up was silenced, because most multiplexers report one whatever the interest.
  bool watched = false;
  bool paused = false;
  bool inputEnded = false;
  /// No more writes are taken; the FIN goes out when the queue is empty.
  bool finishing = false;
  bool finSent = false;
  /// The owner is done with it: what still arrives is thrown away, so that closing does not reset the
  /// connection.
  bool discarding = false;
  bool wantsDrain = false;
  bool inReadyList = false;
  bool inDirtyList = false;
  size_t discardedBytes = 0;
  /// When a discarding connection is looked at again, and cut off if its peer does nothing; 0 when it lives.
  int64_t lingerUntilNs = 0;
  /// What the peer had not taken when the time began.
  size_t untakenAtLinger = 0;
  /// When an attempt to connect is given up; 0 leaves it to the kernel.
  int64_t connectUntilNs = 0;
  int64_t lastActiveNs = 0;
  int64_t idleTimeoutNs = 0;
  SendQueue queue;
  Requests requests;
  /// Unspecified until somebody asks, when accepting does not tell it.
  Address remote;

  bool open() const { return fd >= 0; }
  Token token() const { return tokenOf(slot, generation); }
};

/// Slots never move, so a reference survives whatever a handler does; a slot's generation tells its tenants
/// apart.
class Slots {
 public:
  explicit Slots(uint32_t limit) : limit_(limit) {}

  /// Null when all are taken.
  Connection* acquire() {
    if (!free_.empty()) {
      const uint32_t slot = free_.back();
      free_.pop_back();
      return &at(slot);
    }
    if (size_ == limit_) return nullptr;
    if (size_ == chunks_.size() << kChunkBits) chunks_.push_back(std::make_unique<Connection[]>(kChunk));
    Connection& fresh = at(size_);
    fresh.slot = size_++;
    return &fresh;
  }

  void release(Connection& connection) {
    const uint32_t slot = connection.slot;
    const uint32_t next = connection.generation + 1;
    connection = Connection();
    connection.slot = slot;
    connection.generation = next;
    free_.push_back(slot);
  }

  /// Null when the connection is gone.
  Connection* find(Token token) {
    const uint32_t slot = slotOf(token);
    if (slot >= size_) return nullptr;
    Connection& connection = at(slot);
    return connection.open() && connection.generation == generationOf(token) ? &connection : nullptr;
  }

  /// Slots ever used; those in use are among them.
  uint32_t size() const { return size_; }
  uint32_t inUse() const { return size_ - static_cast<uint32_t>(free_.size()); }
  Connection& at(uint32_t slot) { return chunks_[slot >> kChunkBits][slot & (kChunk - 1)]; }

 private:
  static constexpr uint32_t kChunkBits = 8;
  static constexpr uint32_t kChunk = 1u << kChunkBits;
  uint32_t limit_;
  uint32_t size_ = 0;
  std::vector<std::unique_ptr<Connection[]>> chunks_;
  std::vector<uint32_t> free_;
};

}  // namespace driver
