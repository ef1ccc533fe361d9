// What the driver did, so that a report can say which work an operation cost. The multiplexer counts its own
// part. The completion driver makes no system calls to receive and send: its reads are completions of
// receives, its writes send requests, and its waits contain the work of both.
#pragma once

#include <cstdint>

namespace driver {

struct Counters {
  uint64_t accepts = 0;
  /// Connections closed at once because no descriptor, no slot or no place in the multiplexer was left for
  /// them.
  uint64_t rejected = 0;
  /// Calls of recv, send and accept; those that found nothing to do are among them, and in `eagains` too.
  uint64_t reads = 0;
  uint64_t writes = 0;
  uint64_t eagains = 0;
  /// Sends that the kernel did not take whole.
  uint64_t shortWrites = 0;
  /// Events and commands for a connection that was gone.
  uint64_t staleDrops = 0;
  /// Reads put off because the batch had filled the receive slab, or used up its buffers.
  uint64_t bufferExhaustion = 0;
};

}  // namespace driver
