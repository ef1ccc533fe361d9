// What every driver keeps of a connection. Most connections are idle most of the time, so that what only some
// have for a while lies elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "address.h"
#include "handler.h"
#include "send_queue.h"

namespace driver {

/// What a connection has only while it is made, or while it ends.
struct Passage {
  /// Whom an outgoing connection is to reach.
  Address remote;
  /// When an attempt to connect is given up; 0 leaves it to the kernel.
  int64_t connectUntilNs = 0;
  size_t discardedBytes = 0;
  /// When a discarding connection is looked at again, and cut off if its peer does nothing; 0 when it lives.
  int64_t lingerUntilNs = 0;
  /// What the peer had not taken when the time began.
  size_t untakenAtLinger = 0;
  /// What the peer had not taken when the connection had last been without traffic for its time; 0 when that
  /// was nothing.
  size_t untakenAtIdle = 0;
};

struct Connection {
  int fd = -1;
  uint32_t generation = 0;
  uint32_t slot = 0;
  uint32_t listener = 0;
  /// Without traffic for so long it is closed; 0 leaves it alone.
  uint32_t idleTimeoutMs = 0;
  /// An outgoing connection that is not made yet.
  bool connecting = false;
  /// Accepted, and nothing of its input was taken from the kernel yet.
  bool untouched = false;
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
  int64_t lastActiveNs = 0;
  SendQueue queue;
  /// Null unless it is being made, or ends.
  std::unique_ptr<Passage> passage;

  bool open() const { return fd >= 0; }
  Token token() const { return tokenOf(slot, generation); }
  Passage& inPassage() {
    if (passage == nullptr) passage = std::make_unique<Passage>();
    return *passage;
  }
  /// 0 when it does not linger.
  int64_t lingerUntilNs() const { return passage == nullptr ? 0 : passage->lingerUntilNs; }
  int64_t idleTimeoutNs() const { return int64_t{idleTimeoutMs} * 1'000'000; }
};

}  // namespace driver
