// Parsing of HTTP/1.1 response heads. This runs once per connection and Date, not once per request: the HTTP
// wire recognises a head it has already read.
#include "http_head.h"

#include <algorithm>
#include <cctype>

namespace loadgen {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool parseStatusLine(std::string_view line, HttpHead& head) {
  head.statusLine = line;
  if (line.size() < 12 || (line.substr(0, 9) != "HTTP/1.1 " && line.substr(0, 9) != "HTTP/1.0 "))
    return false;
  head.version = line.substr(0, 8);
  for (const char c : line.substr(9, 3)) {
    if (c < '0' || c > '9') return false;
    head.status = head.status * 10 + (c - '0');
  }
  return line.size() == 12 || line[12] == ' ';
}

}  // namespace

const std::string* HttpHead::field(std::string_view lowerCaseName) const {
  for (const auto& [name, value] : fields)
    if (name == lowerCaseName) return &value;
  return nullptr;
}

bool HttpHead::hasToken(std::string_view lowerCaseName, std::string_view lowerCaseToken) const {
  for (const auto& [name, value] : fields) {
    if (name != lowerCaseName) continue;
    const std::string list = lower(value);
    for (size_t start = 0; start <= list.size();) {
      const size_t comma = std::min(list.find(',', start), list.size());
      if (trim(std::string_view(list).substr(start, comma - start)) == lowerCaseToken) return true;
      start = comma + 1;
    }
  }
  return false;
}

std::optional<HttpHead> parseHttpHead(std::string_view text) {
  HttpHead head;
  bool first = true;
  while (true) {
    const size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (first) {
      if (!parseStatusLine(line, head)) return std::nullopt;
      first = false;
      continue;
    }
    if (line.empty()) return head;
    const size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
    head.fields.emplace_back(lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
}

size_t HttpHeadCollector::take(std::span<const uint8_t> bytes) {
  static constexpr std::string_view kEnd = "\r\n\r\n";
  const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t before = text_.size();
  // The end may straddle the pieces, so the search starts in the last three bytes already held.
  const size_t from = before < 3 ? 0 : before - 3;
  text_.append(view.substr(0, std::min(view.size(), kLimitBytes + kEnd.size())));
  const size_t end = text_.find(kEnd, from);
  if (end == std::string::npos) return bytes.size();
  text_.resize(end + kEnd.size());
  complete_ = true;
  return text_.size() - before;
}

}  // namespace loadgen
