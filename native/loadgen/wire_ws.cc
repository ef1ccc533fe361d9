// WebSocket (RFC 6455): the handshake with a verified Sec-WebSocket-Accept, then one masked binary frame per
// request. Answers may be fragmented and interleaved with pings, which are answered with pongs.
#include <algorithm>
#include <array>
#include <cstring>

#include "http_head.h"
#include "random.h"
#include "wire.h"
#include "ws_frame.h"

namespace loadgen {

namespace {

using namespace ws;

struct WebSocketSettings {
  std::string handshake;
  std::string accept;
  uint64_t maskSeed;
  /// The head of every request's frame, without its mask; the same for all, because all have one size.
  std::string frameHead;
};

void applyMask(uint32_t mask, size_t offset, uint8_t* data, size_t count) {
  // The mask is turned so that it starts at this offset, then widened, so that eight bytes go at a time.
  const unsigned turn = 8 * (offset % 4);
  const uint32_t turned = turn == 0 ? mask : (mask >> turn) | (mask << (32 - turn));
  const uint64_t wide = (uint64_t{turned} << 32) | turned;
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t word;
    std::memcpy(&word, data + i, 8);
    word ^= wide;
    std::memcpy(data + i, &word, 8);
  }
  for (; i < count; ++i) data[i] ^= static_cast<uint8_t>(turned >> (8 * (i % 4)));
}

class WebSocketWire final : public Wire {
 public:
  WebSocketWire(const Pattern& pattern, uint32_t connection, const WebSocketSettings& settings)
      : Wire(pattern, connection, settings.frameHead.size() + 4 + pattern.payloadBytes()),
        settings_(settings) {
    control_ = settings.handshake;
  }

  bool ready() const override { return upgraded_; }
  bool feed(std::span<const uint8_t> bytes, Failure& failure) override;

 protected:
  void encode(uint64_t sequence, size_t offset, std::span<uint8_t> out) const override;
  bool midAnswer() const override { return !head_.empty() || frameHave_ > 0 || inFrame_ || inMessage_; }

 private:
  bool feedHandshake(std::span<const uint8_t>& bytes, Failure& failure);
  bool feedFrameHead(std::span<const uint8_t>& bytes, Failure& failure);
  bool feedPayload(std::span<const uint8_t>& bytes, Failure& failure);
  bool startFrame(Failure& failure);
  bool endFrame(Failure& failure);
  size_t frameHeadBytes() const;
  uint32_t maskOf(uint64_t sequence) const {
    return static_cast<uint32_t>(
        mix(settings_.maskSeed ^ (uint64_t{connection()} << 32) ^ (sequence * 0x9e3779b97f4a7c15U)));
  }
  static bool malformed(Failure& failure, std::string what) {
    failure = {ErrorClass::Malformed, std::move(what)};
    return false;
  }

  const WebSocketSettings& settings_;
  HttpHeadCollector head_;
  bool upgraded_ = false;
  std::array<uint8_t, 10> frameHead_{};
  size_t frameHave_ = 0;
  bool inFrame_ = false;
  bool inMessage_ = false;
  uint64_t frameLeft_ = 0;
  std::string controlPayload_;
};

void WebSocketWire::encode(uint64_t sequence, size_t offset, std::span<uint8_t> out) const {
  const uint32_t mask = maskOf(sequence);
  const size_t headBytes = settings_.frameHead.size() + 4;
  if (offset < headBytes) {
    std::array<char, 14> head;
    std::memcpy(head.data(), settings_.frameHead.data(), headBytes - 4);
    std::memcpy(head.data() + headBytes - 4, &mask, 4);
    const size_t count = std::min(headBytes - offset, out.size());
    std::memcpy(out.data(), head.data() + offset, count);
    offset += count;
    out = out.subspan(count);
  }
  pattern_.fill({connection(), sequence}, offset - headBytes, out.data(), out.size());
  applyMask(mask, offset - headBytes, out.data(), out.size());
}

bool WebSocketWire::feed(std::span<const uint8_t> bytes, Failure& failure) {
  while (!bytes.empty()) {
    bool fine;
    if (!upgraded_)
      fine = feedHandshake(bytes, failure);
    else if (!inFrame_)
      fine = feedFrameHead(bytes, failure);
    else
      fine = feedPayload(bytes, failure);
    if (!fine) return false;
  }
  return true;
}

bool WebSocketWire::feedHandshake(std::span<const uint8_t>& bytes, Failure& failure) {
  bytes = bytes.subspan(head_.take(bytes));
  if (head_.tooLong()) return malformed(failure, "the head of the handshake's response exceeds 16 KiB");
  if (!head_.complete()) return true;
  const auto head = parseHttpHead(head_.text());
  if (!head) return malformed(failure, "the handshake's response is not an HTTP/1.1 head");
  if (head->status != 101)
    return malformed(failure, "the handshake was answered '" + head->statusLine + "' instead of 101");
  if (!head->hasToken("upgrade", "websocket") || !head->hasToken("connection", "upgrade"))
    return malformed(failure, "the handshake's response does not upgrade to websocket");
  const std::string* accept = head->field("sec-websocket-accept");
  if (accept == nullptr || *accept != settings_.accept)
    return malformed(failure, "the handshake's Sec-WebSocket-Accept is wrong");
  if (head->field("sec-websocket-extensions") != nullptr)
    return malformed(failure, "the server chose an extension that was not offered");
  head_.clear();
  upgraded_ = true;
  return true;
}

size_t WebSocketWire::frameHeadBytes() const {
  if (frameHave_ < 2) return 2;
  const uint8_t length = frameHead_[1] & 0x7f;
  return length == 126 ? 4 : length == 127 ? 10 : 2;
}

bool WebSocketWire::feedFrameHead(std::span<const uint8_t>& bytes, Failure& failure) {
  while (frameHave_ < frameHeadBytes() && !bytes.empty()) {
    frameHead_[frameHave_++] = bytes.front();
    bytes = bytes.subspan(1);
  }
  return frameHave_ < frameHeadBytes() || startFrame(failure);
}

bool WebSocketWire::startFrame(Failure& failure) {
  const uint8_t opcode = frameHead_[0] & 0x0f;
  if ((frameHead_[0] & 0x70) != 0) return malformed(failure, "a frame has reserved bits set");
  if ((frameHead_[1] & kMasked) != 0) return malformed(failure, "the server masked a frame");
  frameLeft_ = frameHead_[1] & 0x7f;
  if (frameLeft_ >= 126) {
    frameLeft_ = 0;
    for (size_t i = 2; i < frameHeadBytes(); ++i) frameLeft_ = frameLeft_ << 8 | frameHead_[i];
  }
  if (opcode >= kClose) {
    if (opcode > kPong) return malformed(failure, "a frame has the unknown opcode " + std::to_string(opcode));
    if (frameLeft_ > 125 || (frameHead_[0] & kFinal) == 0)
      return malformed(failure, "a control frame is fragmented or longer than 125 bytes");
  } else {
    if (opcode != (inMessage_ ? kContinuation : kBinary))
      return malformed(failure, "a frame has opcode " + std::to_string(opcode) +
                                    (inMessage_ ? " inside a message" : ", expected binary"));
    if (!inMessage_ && !expectsAnswer(frameLeft_, failure)) return false;
    inMessage_ = true;
  }
  inFrame_ = true;
  return frameLeft_ > 0 || endFrame(failure);
}

bool WebSocketWire::feedPayload(std::span<const uint8_t>& bytes, Failure& failure) {
  const auto count = static_cast<size_t>(std::min<uint64_t>(bytes.size(), frameLeft_));
  if ((frameHead_[0] & 0x0f) >= kClose)
    controlPayload_.append(reinterpret_cast<const char*>(bytes.data()), count);
  else if (!verifyBody(bytes.data(), count, failure))
    return false;
  bytes = bytes.subspan(count);
  frameLeft_ -= count;
  return frameLeft_ > 0 || endFrame(failure);
}

bool WebSocketWire::endFrame(Failure& failure) {
  const uint8_t opcode = frameHead_[0] & 0x0f;
  inFrame_ = false;
  frameHave_ = 0;
  if (opcode == kClose) {
    std::string code = "no code";
    if (controlPayload_.size() >= 2)
      code = "code " + std::to_string(static_cast<uint8_t>(controlPayload_[0]) * 256 +
                                      static_cast<uint8_t>(controlPayload_[1]));
    failure = {ErrorClass::ClosedEarly, "the server sent a close frame (" + code + ")"};
    return false;
  }
  if (opcode == kPing) {
    const auto mask = static_cast<uint32_t>(mix(settings_.maskSeed + answered() + controlPayload_.size()));
    const size_t start = control_.size() + 6;
    control_ += static_cast<char>(kFinal | kPong);
    control_ += static_cast<char>(kMasked | controlPayload_.size());
    control_.append(reinterpret_cast<const char*>(&mask), 4);
    control_ += controlPayload_;
    applyMask(mask, 0, reinterpret_cast<uint8_t*>(control_.data() + start), controlPayload_.size());
  }
  if (opcode >= kClose) {
    controlPayload_.clear();
    return true;
  }
  if ((frameHead_[0] & kFinal) == 0) return true;
  inMessage_ = false;
  return finishAnswer(failure);
}

class WebSocketFactory final : public WireFactory {
 public:
  explicit WebSocketFactory(const Job& job) {
    settings_.handshake =
        "GET " + job.path + " HTTP/1.1\r\nHost: " + job.host + ":" + std::to_string(job.port) +
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
        job.websocketKey + "\r\n\r\n";
    settings_.accept = job.websocketAccept;
    settings_.maskSeed = mix(job.seed + 4);
    const uint64_t length = job.payloadBytes;
    std::string& head = settings_.frameHead;
    head += static_cast<char>(kFinal | kBinary);
    const int lengthBytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
    head += static_cast<char>(kMasked | (lengthBytes == 0 ? length : lengthBytes == 2 ? 126 : 127));
    for (int i = lengthBytes - 1; i >= 0; --i) head += static_cast<char>(length >> (8 * i));
  }
  std::unique_ptr<Wire> make(const Pattern& pattern, uint32_t connection) const override {
    return std::make_unique<WebSocketWire>(pattern, connection, settings_);
  }

 private:
  WebSocketSettings settings_;
};

}  // namespace

std::unique_ptr<WireFactory> websocketFactory(const Job& job) {
  return std::make_unique<WebSocketFactory>(job);
}

}  // namespace loadgen
