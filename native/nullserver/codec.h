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

/// The one WebSocket handshake that is accepted, and its answer. Whoever starts the server computes the
/// answer, so the server needs no SHA-1.
struct Handshake {
  std::string key;
  std::string accept;
};

/// What the clients of one server have in common.
struct CodecSettings {
  std::string protocol;
  /// Of a message over tcp; those of the other protocols say their length themselves.
  size_t payloadBytes = 1;
  Handshake handshake;
};

/// A codec for one connection, which must end before the settings do. Throws std::invalid_argument for an
/// unknown protocol.
std::unique_ptr<Codec> makeCodec(const CodecSettings& settings);

std::unique_ptr<Codec> makeHttpCodec();
std::unique_ptr<Codec> makeWebSocketCodec(const Handshake& handshake);

}  // namespace nullserver
