// WebSocket (RFC 6455): the handshake, then whole masked messages, each answered by one frame of the same
// kind.
#include <algorithm>
#include <array>

#include "codec.h"
#include "request_head.h"

namespace nullserver {

namespace {

// Opcodes, the lower half of a frame's first byte.
constexpr uint8_t kText = 0x1;
constexpr uint8_t kBinary = 0x2;
constexpr uint8_t kClose = 0x8;
constexpr uint8_t kPing = 0x9;
constexpr uint8_t kPong = 0xa;
/// Beside the opcode: no further frame belongs to the message.
constexpr uint8_t kFinal = 0x80;
/// Beside the length, in the second byte.
constexpr uint8_t kMasked = 0x80;

constexpr uint64_t kMessageLimitBytes = 16 * 1024 * 1024;

std::string frameHead(uint8_t opcode, uint64_t length) {
  std::string head(1, static_cast<char>(kFinal | opcode));
  const int lengthBytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
  head += static_cast<char>(lengthBytes == 0 ? length : lengthBytes == 2 ? 126 : 127);
  for (int i = lengthBytes - 1; i >= 0; --i) head += static_cast<char>(length >> (8 * i));
  return head;
}

class WebSocketCodec final : public Codec {
 public:
  explicit WebSocketCodec(const Handshake& handshake) : expected_(handshake) {}

  bool feed(std::span<const uint8_t> bytes, std::vector<Reply>& replies) override {
    while (!bytes.empty()) {
      bool fine;
      if (!upgraded_)
        fine = feedHandshake(bytes, replies);
      else if (!inPayload_)
        fine = feedHead(bytes, replies);
      else
        fine = feedPayload(bytes, replies);
      if (!fine) return false;
    }
    return true;
  }

 private:
  bool feedHandshake(std::span<const uint8_t>& bytes, std::vector<Reply>& replies) {
    bytes = bytes.subspan(handshake_.take(bytes));
    if (handshake_.isTooLong()) return false;
    if (!handshake_.isComplete()) return true;
    if (!isSameWord(handshake_.field("upgrade").value_or(""), "websocket")) return false;
    if (handshake_.field("sec-websocket-key") != expected_.key) return false;
    replies.push_back(
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
             expected_.accept + "\r\n\r\n",
         false});
    upgraded_ = true;
    return true;
  }

  size_t headBytes() const {
    if (headHave_ < 2) return 2;
    const uint8_t length = head_[1] & 0x7f;
    return (length == 126 ? 4 : length == 127 ? 10 : 2) + 4;
  }

  bool feedHead(std::span<const uint8_t>& bytes, std::vector<Reply>& replies) {
    while (headHave_ < headBytes() && !bytes.empty()) {
      head_[headHave_++] = bytes.front();
      bytes = bytes.subspan(1);
    }
    if (headHave_ < headBytes()) return true;
    opcode_ = head_[0] & 0x0f;
    const bool isKnown = opcode_ == kText || opcode_ == kBinary || opcode_ == kClose || opcode_ == kPing;
    if ((head_[0] & 0xf0) != kFinal || (head_[1] & kMasked) == 0 || !isKnown) return false;
    payloadBytes_ = head_[1] & 0x7f;
    if (payloadBytes_ >= 126) {
      payloadBytes_ = 0;
      for (size_t i = 2; i < headBytes() - 4; ++i) payloadBytes_ = payloadBytes_ << 8 | head_[i];
    }
    if (payloadBytes_ > kMessageLimitBytes) return false;
    mask_ = &head_[headBytes() - 4];
    inPayload_ = true;
    answer_ = frameHead(opcode_ == kPing ? kPong : opcode_, payloadBytes_);
    received_ = 0;
    return payloadBytes_ > 0 || endFrame(replies);
  }

  bool feedPayload(std::span<const uint8_t>& bytes, std::vector<Reply>& replies) {
    const auto count = static_cast<size_t>(std::min<uint64_t>(bytes.size(), payloadBytes_ - received_));
    for (size_t i = 0; i < count; ++i) answer_ += static_cast<char>(bytes[i] ^ mask_[(received_ + i) % 4]);
    received_ += count;
    bytes = bytes.subspan(count);
    return received_ < payloadBytes_ || endFrame(replies);
  }

  bool endFrame(std::vector<Reply>& replies) {
    inPayload_ = false;
    headHave_ = 0;
    replies.push_back({std::move(answer_), opcode_ == kText || opcode_ == kBinary});
    return opcode_ != kClose;
  }

  const Handshake& expected_;
  RequestHead handshake_;
  bool upgraded_ = false;
  std::array<uint8_t, 14> head_{};
  size_t headHave_ = 0;
  uint8_t opcode_ = 0;
  const uint8_t* mask_ = nullptr;
  bool inPayload_ = false;
  uint64_t payloadBytes_ = 0;
  uint64_t received_ = 0;
  std::string answer_;
};

}  // namespace

std::unique_ptr<Codec> makeWebSocketCodec(const Handshake& handshake) {
  return std::make_unique<WebSocketCodec>(handshake);
}

}  // namespace nullserver
