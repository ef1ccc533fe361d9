// HTTP/1.1: a request is POST with a Content-Length, an answer is 200 with the same body, sized or chunked.
#include <algorithm>
#include <charconv>
#include <cstring>

#include "http_head.h"
#include "wire.h"

namespace loadgen {

namespace {

struct HttpSettings {
  std::string requestHead;
  /// A server that ends the connection after its answer breaks keep-alive, but does what churn asks for
  /// anyway.
  bool mayClose;
};

class HttpWire final : public Wire {
 public:
  HttpWire(const Pattern& pattern, uint32_t connection, const HttpSettings& settings)
      : Wire(pattern, connection, settings.requestHead.size() + pattern.payloadBytes()),
        settings_(settings) {}

  bool feed(std::span<const uint8_t> bytes, Failure& failure) override;

 protected:
  void encode(uint64_t sequence, size_t offset, std::span<uint8_t> out) const override;
  bool midAnswer() const override { return state_ != State::Head || !head_.empty(); }

 private:
  enum class State { Head, Body, ChunkSize, ChunkData, ChunkEnd, Trailer };

  bool feedHead(std::span<const uint8_t>& bytes, Failure& failure);
  bool feedSized(std::span<const uint8_t>& bytes, Failure& failure);
  bool feedChunked(std::span<const uint8_t>& bytes, Failure& failure);
  bool readHead(Failure& failure);
  bool readChunkSize(Failure& failure);
  bool endLine(std::span<const uint8_t>& bytes, Failure& failure);
  static bool malformed(Failure& failure, std::string what) {
    failure = {ErrorClass::Malformed, std::move(what)};
    return false;
  }

  const HttpSettings& settings_;
  State state_ = State::Head;
  HttpHeadCollector head_;
  /// The last head that was read and found good; servers repeat it byte by byte until their Date changes.
  std::string knownHead_;
  bool chunked_ = false;
  std::string line_;
  uint64_t chunkLeft_ = 0;
};

void HttpWire::encode(uint64_t sequence, size_t offset, std::span<uint8_t> out) const {
  const std::string& head = settings_.requestHead;
  if (offset < head.size()) {
    const size_t count = std::min(head.size() - offset, out.size());
    std::memcpy(out.data(), head.data() + offset, count);
    offset += count;
    out = out.subspan(count);
  }
  pattern_.fill({connection(), sequence}, offset - head.size(), out.data(), out.size());
}

bool HttpWire::feed(std::span<const uint8_t> bytes, Failure& failure) {
  while (!bytes.empty()) {
    bool fine;
    if (state_ == State::Head)
      fine = feedHead(bytes, failure);
    else if (state_ == State::Body)
      fine = feedSized(bytes, failure);
    else
      fine = feedChunked(bytes, failure);
    if (!fine) return false;
  }
  return true;
}

bool HttpWire::feedHead(std::span<const uint8_t>& bytes, Failure& failure) {
  if (head_.empty() && !expectsAnswer(bytes.size(), failure)) return false;
  const size_t known = knownHead_.size();
  if (known > 0 && head_.empty() && bytes.size() >= known &&
      std::memcmp(bytes.data(), knownHead_.data(), known) == 0) {
    bytes = bytes.subspan(known);
    state_ = chunked_ ? State::ChunkSize : State::Body;
    return true;
  }
  bytes = bytes.subspan(head_.take(bytes));
  if (head_.tooLong()) return malformed(failure, "the head of the response exceeds 16 KiB");
  if (!head_.complete()) return true;
  if (!readHead(failure)) return false;
  knownHead_ = head_.text();
  head_.clear();
  state_ = chunked_ ? State::ChunkSize : State::Body;
  return true;
}

bool HttpWire::readHead(Failure& failure) {
  const auto head = parseHttpHead(head_.text());
  if (!head)
    return malformed(
        failure, "the response does not start with an HTTP/1.1 head: '" + head_.text().substr(0, 60) + "'");
  if (head->status != 200)
    return malformed(failure, "the server answered '" + head->statusLine + "' instead of 200");
  const bool closes = head->hasToken("connection", "close") ||
                      (head->version == "HTTP/1.0" && !head->hasToken("connection", "keep-alive"));
  if (closes && !settings_.mayClose) {
    failure = {ErrorClass::ClosedEarly,
               "the server ends the connection after this answer (Connection: close)"};
    return false;
  }
  const std::string* length = head->field("content-length");
  if (head->field("transfer-encoding") != nullptr) {
    if (!head->hasToken("transfer-encoding", "chunked") || length != nullptr)
      return malformed(failure, "Transfer-Encoding is not chunked, or comes with a Content-Length");
    chunked_ = true;
    return true;
  }
  chunked_ = false;
  if (length == nullptr) return malformed(failure, "the response has neither a Content-Length nor chunks");
  uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(length->data(), length->data() + length->size(), bytes);
  if (error != std::errc() || end != length->data() + length->size())
    return malformed(failure, "the Content-Length '" + *length + "' is not a number");
  if (bytes == pattern_.payloadBytes()) return true;
  failure = {bytes < pattern_.payloadBytes() ? ErrorClass::Short : ErrorClass::Corrupt,
             "the Content-Length is " + *length + ", but " + std::to_string(pattern_.payloadBytes()) +
                 " bytes were sent"};
  return false;
}

bool HttpWire::feedSized(std::span<const uint8_t>& bytes, Failure& failure) {
  const size_t count = std::min(bytes.size(), pattern_.payloadBytes() - received_);
  if (!verifyBody(bytes.data(), count, failure)) return false;
  bytes = bytes.subspan(count);
  if (received_ < pattern_.payloadBytes()) return true;
  state_ = State::Head;
  return finishAnswer(failure);
}

/// Collects a line that ends with CRLF into `line_`, without the CRLF.
bool HttpWire::endLine(std::span<const uint8_t>& bytes, Failure& failure) {
  const auto newline = std::find(bytes.begin(), bytes.end(), uint8_t{'\n'});
  line_.append(bytes.begin(), newline);
  const bool whole = newline != bytes.end();
  bytes = bytes.subspan(static_cast<size_t>(newline - bytes.begin()) + (whole ? 1 : 0));
  if (line_.size() > HttpHeadCollector::kLimitBytes)
    return malformed(failure, "a line between chunks exceeds 16 KiB");
  if (!whole) return true;
  if (line_.empty() || line_.back() != '\r')
    return malformed(failure, "a line between chunks does not end with CRLF");
  line_.pop_back();
  const State ended = state_;
  if (ended == State::ChunkSize) {
    if (!readChunkSize(failure)) return false;
  } else if (ended == State::ChunkEnd) {
    if (!line_.empty()) return malformed(failure, "a chunk is longer than its size");
    state_ = State::ChunkSize;
  } else if (line_.empty()) {
    state_ = State::Head;
    if (!finishAnswer(failure)) return false;
  }
  line_.clear();
  return true;
}

bool HttpWire::readChunkSize(Failure& failure) {
  const std::string size = line_.substr(0, line_.find_first_of("; \t"));
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), chunkLeft_, 16);
  if (error != std::errc() || end != size.data() + size.size())
    return malformed(failure, "'" + line_.substr(0, 40) + "' is not a chunk size");
  state_ = chunkLeft_ > 0 ? State::ChunkData : State::Trailer;
  return true;
}

bool HttpWire::feedChunked(std::span<const uint8_t>& bytes, Failure& failure) {
  if (state_ != State::ChunkData) return endLine(bytes, failure);
  const auto count = static_cast<size_t>(std::min<uint64_t>(bytes.size(), chunkLeft_));
  if (!verifyBody(bytes.data(), count, failure)) return false;
  bytes = bytes.subspan(count);
  chunkLeft_ -= count;
  if (chunkLeft_ == 0) state_ = State::ChunkEnd;
  return true;
}

class HttpFactory final : public WireFactory {
 public:
  explicit HttpFactory(const Job& job) {
    settings_.requestHead =
        "POST " + job.path + " HTTP/1.1\r\nHost: " + job.host + ":" + std::to_string(job.port) +
        "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + std::to_string(job.payloadBytes) +
        "\r\n\r\n";
    settings_.mayClose = job.loop == Loop::Churn;
  }
  std::unique_ptr<Wire> make(const Pattern& pattern, uint32_t connection) const override {
    return std::make_unique<HttpWire>(pattern, connection, settings_);
  }

 private:
  HttpSettings settings_;
};

}  // namespace

std::unique_ptr<WireFactory> httpFactory(const Job& job) { return std::make_unique<HttpFactory>(job); }

}  // namespace loadgen
