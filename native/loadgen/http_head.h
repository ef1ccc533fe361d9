// Heads of HTTP/1.1 responses: collecting one from pieces, and reading its status line and fields. Used by
// the HTTP wire and by the WebSocket handshake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loadgen {

struct HttpHead {
  std::string statusLine;
  /// "HTTP/1.1" or "HTTP/1.0".
  std::string version;
  int status = 0;
  /// Fields in order of arrival; names in lower case, values trimmed.
  std::vector<std::pair<std::string, std::string>> fields;

  const std::string* field(std::string_view lowerCaseName) const;
  /// Whether a comma-separated field (Connection, Transfer-Encoding, Upgrade) has the token, whatever its
  /// case.
  bool hasToken(std::string_view lowerCaseName, std::string_view lowerCaseToken) const;
};

/// Reads a head that ends with an empty line; nothing when it is not one.
std::optional<HttpHead> parseHttpHead(std::string_view text);

/// Collects the bytes of one head.
class HttpHeadCollector {
 public:
  static constexpr size_t kLimitBytes = 16 * 1024;

  /// Takes bytes up to the end of the head and returns how many; `complete` then says whether the head is
  /// whole.
  size_t take(std::span<const uint8_t> bytes);
  bool complete() const { return complete_; }
  bool tooLong() const { return text_.size() > kLimitBytes; }
  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  void clear() {
    text_.clear();
    complete_ = false;
  }

 private:
  std::string text_;
  bool complete_ = false;
};

}  // namespace loadgen
