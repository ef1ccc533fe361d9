// What every driver keeps of a connection.
#pragma once

#include <cstddef>
#include <cstdint>

#include "address.h"
#include "handler.h"
#include "send_queue.h"

namespace driver {

struct Connection {
  int fd = -1;
  uint32_t generation = 0;
  uint32_t slot = 0;
  uint32_t listener = 0;
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
  /// Unspecified until somebody asks, when accepting does not report it.
  Address remote;

  bool open() const { return fd >= 0; }
  Token token() const { return tokenOf(slot, generation); }
};

}  // namespace driver
