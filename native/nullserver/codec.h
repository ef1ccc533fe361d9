// What a protocol is to the null server: bytes in, whole answers out. It speaks what the load generator sends
// and no more; anything else ends the connection, because a null server that guesses would hide a fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nullserver {

struct Reply {
  std::string bytes;
  /// False for what is no answer to a message, such as a handshake: it is sent at once and not recorded.
  bool delayed;
};

class Codec {
 public:
  virtual ~Codec() = default;
  /// Takes received bytes and appends the replies they complete. False when the connection must end after
  /// these.
  virtual bool feed(std::span<const uint8_t> bytes, std::vector<Reply>& replies) = 0;
};

/// A codec for one connection. Messages over tcp have `payloadBytes`; the others say their length themselves.
/// Throws std::invalid_argument for an unknown protocol.
std::unique_ptr<Codec> makeCodec(const std::string& protocol, size_t payloadBytes);

std::unique_ptr<Codec> makeHttpCodec();
std::unique_ptr<Codec> makeWebSocketCodec();

}  // namespace nullserver
