// The thinnest client that can measure the null server over tcp. It shares no code with the load generator
// but how native/base reads the clock and names a failed call. What it sees beyond the server's delays is the
// cost of the transport, of waking up and of the machine, and no client can do without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nullserver {

struct ReferenceOptions {
  uint16_t port = 0;
  size_t payloadBytes = 1;
  int connections = 1;
  /// Poll without sleeping.
  bool spin = false;
  int64_t durationNs = 0;
};

struct RoundTrip {
  int64_t sentNs;
  int64_t answeredNs;
};

struct ReferenceResult {
  /// In the order of sending; each connection has one request in flight.
  std::vector<RoundTrip> roundTrips;
};

/// Throws std::exception when the server does not answer as it should.
ReferenceResult runReference(const ReferenceOptions& options);

}  // namespace nullserver
