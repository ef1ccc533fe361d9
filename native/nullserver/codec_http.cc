// HTTP/1.1: a request with a Content-Length is answered 200 with the same body.
#include <algorithm>
#include <charconv>

#include "codec.h"
#include "request_head.h"

namespace nullserver {

namespace {

constexpr size_t kBodyLimitBytes = 16 * 1024 * 1024;

class HttpCodec final : public Codec {
 public:
  bool feed(std::span<const uint8_t> bytes, std::vector<Reply>& replies) override {
    while (!bytes.empty()) {
      if (!inBody_) {
        bytes = bytes.subspan(head_.take(bytes));
        if (head_.isTooLong()) return false;
        if (!head_.isComplete()) return true;
        if (!readHead()) return false;
        head_.clear();
        inBody_ = true;
        answer_ = answerHead_;
        missingBytes_ = bodyBytes_;
      }
      const size_t count = std::min(bytes.size(), missingBytes_);
      answer_.append(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
      bytes = bytes.subspan(count);
      missingBytes_ -= count;
      if (missingBytes_ > 0) break;
      inBody_ = false;
      replies.push_back({std::move(answer_), true});
    }
    return true;
  }

 private:
  /// A client repeats its head byte by byte, so a head is parsed once for each connection.
  bool readHead() {
    if (head_.text() == knownHead_) return true;
    const auto length = head_.field("content-length");
    if (!length || head_.field("transfer-encoding")) return false;
    const char* const last = length->data() + length->size();
    const auto [end, error] = std::from_chars(length->data(), last, bodyBytes_);
    if (error != std::errc() || end != last || bodyBytes_ > kBodyLimitBytes) return false;
    knownHead_ = head_.text();
    answerHead_ = "HTTP/1.1 200 OK\r\nContent-Length: " + std::string(*length) + "\r\n\r\n";
    return true;
  }

  RequestHead head_;
  std::string knownHead_;
  std::string answerHead_;
  size_t bodyBytes_ = 0;
  bool inBody_ = false;
  size_t missingBytes_ = 0;
  std::string answer_;
};

}  // namespace

std::unique_ptr<Codec> makeHttpCodec() { return std::make_unique<HttpCodec>(); }

}  // namespace nullserver
