// The table of protocols, and raw TCP, where only the agreed size separates messages.
#include "codec.h"

#include <algorithm>
#include <stdexcept>

namespace nullserver {

namespace {

class TcpCodec final : public Codec {
 public:
  explicit TcpCodec(size_t payloadBytes) : payloadBytes_(payloadBytes) {}

  bool feed(std::span<const uint8_t> bytes, std::vector<Reply>& replies) override {
    while (!bytes.empty()) {
      const size_t count = std::min(bytes.size(), payloadBytes_ - message_.size());
      message_.append(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
      bytes = bytes.subspan(count);
      if (message_.size() < payloadBytes_) break;
      replies.push_back({std::move(message_), true});
      message_.clear();
    }
    return true;
  }

 private:
  size_t payloadBytes_;
  std::string message_;
};

}  // namespace

std::unique_ptr<Codec> makeCodec(const CodecSettings& settings) {
  if (settings.protocol == "tcp") return std::make_unique<TcpCodec>(settings.payloadBytes);
  if (settings.protocol == "http") return makeHttpCodec();
  if (settings.protocol == "ws") return makeWebSocketCodec(settings.handshake);
  throw std::invalid_argument("the null server does not speak the protocol '" + settings.protocol + "'");
}

}  // namespace nullserver
