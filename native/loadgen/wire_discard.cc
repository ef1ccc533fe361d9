// The discard service with receipts: a message is thrown away, and answered by how many bytes the server has
// taken so far, in eight bytes, most significant first.
#include <algorithm>
#include <cstring>

#include "wire.h"

namespace loadgen {

namespace {

constexpr size_t kReceiptBytes = 8;

class DiscardWire final : public Wire {
 public:
  DiscardWire(const Pattern& pattern, uint32_t connection)
      : Wire(pattern, connection, pattern.payloadBytes()) {}

  bool feed(std::span<const uint8_t> bytes, Failure& failure) override {
    while (!bytes.empty()) {
      if (!expectsAnswer(bytes.size(), failure)) return false;
      const size_t count = std::min(bytes.size(), kReceiptBytes - have_);
      for (const uint8_t byte : bytes.first(count)) receipt_ = receipt_ << 8 | byte;
      have_ += count;
      bytes = bytes.subspan(count);
      if (have_ < kReceiptBytes) break;
      const uint64_t expected = (answered() + 1) * pattern_.payloadBytes();
      if (receipt_ != expected) {
        failure = {ErrorClass::Corrupt, "the receipt says " + std::to_string(receipt_) +
                                            " bytes where the server was sent " + std::to_string(expected)};
        return false;
      }
      receipt_ = 0;
      have_ = 0;
      countAnswer();
    }
    return true;
  }

 protected:
  void encode(uint64_t sequence, size_t offset, std::span<uint8_t> out) const override {
    pattern_.fill({connection(), sequence}, offset, out.data(), out.size());
  }
  bool midAnswer() const override { return have_ > 0; }

 private:
  uint64_t receipt_ = 0;
  size_t have_ = 0;
};

class DiscardFactory final : public WireFactory {
 public:
  std::unique_ptr<Wire> make(const Pattern& pattern, uint32_t connection) const override {
    return std::make_unique<DiscardWire>(pattern, connection);
  }
};

}  // namespace

std::unique_ptr<WireFactory> discardFactory(const Job&) { return std::make_unique<DiscardFactory>(); }

}  // namespace loadgen
