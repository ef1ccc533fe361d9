// The shared memory of the crossing. reactor/layout.ts says the same to JavaScript; change both together.
#pragma once

#include <cstdint>

namespace reactor {

enum class EventKind : int32_t {
  Open = 0,
  Data = 1,
  Drain = 2,
  End = 3,
  Close = 4,
  Rejected = 5,
  Datagram = 6,
  Refused = 7
};

/// One event: five 32-bit integers.
struct EventRecord {
  int32_t slot;
  int32_t generation;
  EventKind kind;
  /// Data: where the bytes begin in the receive slab. Open: the listener, or -1 (`driver::kOutgoing`). Close:
  /// the errno. Datagram: as for data, and the slot is the number of the UDP socket; its sender's address
  /// lies `driver::kPeerBytes` before it. Refused: the errno, and again the number.
  int32_t offset;
  int32_t length;
};

enum class Operation : int32_t {
  /// Sends bytes of the receive slab, which an echo thus never copies.
  SendReceived = 0,
  SendOutgoing = 1,
  Finish = 2,
  CloseOrderly = 3,
  Reset = 4,
  Pause = 5,
  Resume = 6,
  WantDrain = 7,
  /// Bytes of the receive or the outgoing slab, with the address of the peer `driver::kPeerBytes` before
  /// them;
  /// the slot is the number of the UDP socket.
  SendReceivedDatagram = 8,
  SendOutgoingDatagram = 9,
};

/// One command: five 32-bit integers.
struct CommandRecord {
  Operation operation;
  int32_t slot;
  int32_t generation;
  int32_t offset;
  int32_t length;
};

/// The cells that JavaScript fills and native empties.
struct Control {
  int32_t commandCount;
  int32_t outgoingBytes;
};

}  // namespace reactor
