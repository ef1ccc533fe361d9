// Raw TCP: a request is its payload, an answer is the same bytes. Boundaries follow from the payload's size
// alone.
#include <algorithm>

#include "wire.h"

namespace loadgen {

namespace {

class TcpWire final : public Wire {
 public:
  TcpWire(const Pattern& pattern, uint32_t connection) : Wire(pattern, connection, pattern.payloadBytes()) {}

  bool feed(std::span<const uint8_t> bytes, Failure& failure) override {
    while (!bytes.empty()) {
      if (!expectsAnswer(bytes.size(), failure)) return false;
      const size_t count = std::min(bytes.size(), pattern_.payloadBytes() - received_);
      if (!verifyBody(bytes.data(), count, failure)) return false;
      if (received_ == pattern_.payloadBytes() && !finishAnswer(failure)) return false;
      bytes = bytes.subspan(count);
    }
    return true;
  }

 protected:
  void encode(uint64_t sequence, size_t offset, std::span<uint8_t> out) const override {
    pattern_.fill({connection(), sequence}, offset, out.data(), out.size());
  }
  bool midAnswer() const override { return received_ > 0; }
};

class TcpFactory final : public WireFactory {
 public:
  std::unique_ptr<Wire> make(const Pattern& pattern, uint32_t connection) const override {
    return std::make_unique<TcpWire>(pattern, connection);
  }
};

}  // namespace

std::unique_ptr<WireFactory> tcpFactory(const Job&) { return std::make_unique<TcpFactory>(); }

}  // namespace loadgen
