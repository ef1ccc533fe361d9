// The shared memory of the crossing. reactor/layout.ts says the same to JavaScript; change both together.
#pragma once

#include <cstdint>

namespace reactor {

/// One event: five 32-bit integers.
struct EventRecord {
  int32_t slot;
  int32_t generation;
  int32_t kind;
  /// Data: where the bytes begin in the receive slab. Open: the listener, or -1 (`driver::kOutgoing`). Close:
  /// the errno.
  int32_t offset;
  int32_t length;
};

enum EventKind : int32_t { kOpen = 0, kData = 1, kDrain = 2, kEnd = 3, kClose = 4, kTurnedAway = 5 };

/// One command: five 32-bit integers.
struct CommandRecord {
  int32_t operation;
  int32_t slot;
  int32_t generation;
  int32_t offset;
  int32_t length;
};

enum Operation : int32_t {
  /// Sends bytes of the receive slab, which an echo thus never copies.
  kSendReceived = 0,
  kSendOutgoing = 1,
  kFinish = 2,
  kCloseOrderly = 3,
  kReset = 4,
  kPause = 5,
  kResume = 6,
  kWantDrain = 7,
};

/// The cells that JavaScript fills and native empties.
struct Control {
  int32_t commandCount;
  int32_t outgoingBytes;
};

}  // namespace reactor
