// What a protocol is to the load generator: a way to write message n of a connection as bytes, and a parser
// that verifies the bytes of the answers. A wire owns no socket. One object serves one connection.
//
// The bytes of a request are a function of its sequence number and an offset, so an unsent rest is never
// stored: the wire remembers how far the stream got and produces the rest again. A new protocol is one file
// and one line in the table of wire.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "errors.h"
#include "job.h"
#include "pattern.h"

namespace loadgen {

class Wire {
 public:
  Wire(const Pattern& pattern, uint32_t connection, size_t requestBytes)
      : pattern_(pattern), connection_(connection), requestBytes_(requestBytes) {}
  virtual ~Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// Whether requests may be issued: false until a handshake is over.
  virtual bool ready() const { return true; }
  /// Takes received bytes, and counts every verified answer in `answered()`. False, with the failure filled
  /// in, when the bytes are not what the protocol and the pattern demand; the connection is then useless.
  virtual bool feed(std::span<const uint8_t> bytes, Failure& failure) = 0;
  /// What the end of the stream means where the parser now stands.
  Failure ended() const;

  uint32_t connection() const { return connection_; }
  /// Messages ordered to be sent so far; the next one has this sequence number.
  uint64_t issued() const { return issued_; }
  uint64_t answered() const { return answered_; }
  void issue(uint64_t messages) { issued_ += messages; }

  bool hasUnsent() const { return sendSequence_ < issued_ || !control_.empty(); }
  /// Writes the next unsent bytes of the stream to `out` and returns how many; `sent` says how many really
  /// left.
  size_t produce(std::span<uint8_t> out);
  void sent(size_t count);

 protected:
  /// Writes bytes [offset, offset + out.size()) of request `sequence`.
  virtual void encode(uint64_t sequence, size_t offset, std::span<uint8_t> out) const = 0;
  /// Whether a part of an answer, or of a handshake, has arrived.
  virtual bool midAnswer() const = 0;

  MessageId current() const { return {connection_, answered_}; }
  /// Verifies the next bytes of the current answer's body.
  bool verifyBody(const uint8_t* data, size_t count, Failure& failure);
  /// Ends the current answer, which must be whole.
  bool finishAnswer(Failure& failure);
  /// An answer without a body is whole and right.
  void countAnswer() { ++answered_; }
  /// Refuses bytes that answer no request.
  bool expectsAnswer(size_t count, Failure& failure) const;

  const Pattern& pattern_;
  /// Bytes outside the stream of requests (a handshake, pongs): sent as soon as no request is half sent.
  std::string control_;
  /// Body bytes of the current answer verified so far.
  size_t received_ = 0;

 private:
  uint32_t connection_;
  size_t requestBytes_;
  uint64_t issued_ = 0;
  uint64_t answered_ = 0;
  uint64_t sendSequence_ = 0;
  size_t sendOffset_ = 0;
};

/// Makes the wires of one job.
class WireFactory {
 public:
  virtual ~WireFactory() = default;
  virtual std::unique_ptr<Wire> make(const Pattern& pattern, uint32_t connection) const = 0;
};

/// Null for datagrams, which are no stream. Throws std::invalid_argument for a protocol that the table does
/// not know.
std::unique_ptr<WireFactory> wireFactory(const Job& job);

std::unique_ptr<WireFactory> tcpFactory(const Job& job);
std::unique_ptr<WireFactory> httpFactory(const Job& job);
std::unique_ptr<WireFactory> websocketFactory(const Job& job);
std::unique_ptr<WireFactory> discardFactory(const Job& job);

}  // namespace loadgen
