// The callback interface of whoever owns a driver: it is called with what happened, and calls the driver to
// act.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace driver {

/// Names one connection for its whole life: the generation of its slot in the upper half, the slot in the
/// lower.
using Token = uint64_t;

constexpr Token tokenOf(uint32_t slot, uint32_t generation) {
  return static_cast<Token>(generation) << 32 | slot;
}
constexpr uint32_t slotOf(Token token) { return static_cast<uint32_t>(token); }
constexpr uint32_t generationOf(Token token) { return static_cast<uint32_t>(token >> 32); }

/// Stands for the listener of a connection that was made by `connect`.
constexpr uint32_t kOutgoing = ~uint32_t{0};

/// Whether received bytes may be overwritten by the next read, or must stay until the batch ends.
enum class Received { Used, Kept };

class Handler {
 public:
  virtual ~Handler() = default;
  /// A listener accepted a connection, or, with `kOutgoing`, one that was asked for is made.
  virtual void opened(Token connection, uint32_t listener) = 0;
  /// Bytes arrived; they lie in the driver's slab.
  virtual Received data(Token connection, std::span<const uint8_t> bytes) = 0;
  /// All queued bytes are with the kernel, as `wantDrain` asked.
  virtual void drained(Token connection) = 0;
  /// The peer will send no more; the connection can still be written to.
  virtual void ended(Token connection) = 0;
  /// The connection is over and its descriptor closed; `error` is an errno, or 0. Nothing else follows for
  /// it. An outgoing connection that could not be made ends here without having been opened.
  virtual void closed(Token connection, int error) = 0;
  /// A connection was closed as soon as it was accepted, because there is no place for it; `reason` is a
  /// sentence that names the limit. `Counters::rejected` counts them.
  virtual void rejected(const std::string& reason) = 0;
  /// A datagram arrived on a UDP socket; it lies in the driver's slab until the batch ends, behind
  /// `kPeerBytes` with the address of its sender. Only for whoever opens such sockets.
  virtual void datagram(uint32_t /*socket*/, std::span<const uint8_t> /*bytes*/) {}
  /// The kernel refused to send a datagram, with this errno.
  virtual void datagramRefused(uint32_t /*socket*/, int /*error*/) {}
  /// All events of one turn were reported.
  virtual void batchEnded() = 0;
};

}  // namespace driver
