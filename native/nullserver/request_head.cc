// Collecting a head byte by byte, and finding a field in it.
#include "request_head.h"

#include <strings.h>

namespace nullserver {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kBlank = " \t";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace

size_t RequestHead::take(std::span<const uint8_t> bytes) {
  size_t taken = 0;
  while (taken < bytes.size() && !isComplete_ && !isTooLong()) {
    const uint8_t byte = bytes[taken++];
    text_ += static_cast<char>(byte);
    isComplete_ = byte == '\n' && text_.ends_with("\r\n\r\n");
  }
  return taken;
}

void RequestHead::clear() {
  text_.clear();
  isComplete_ = false;
}

std::optional<std::string_view> RequestHead::field(std::string_view name) const {
  std::string_view left = text_;
  // The first line holds no field.
  left.remove_prefix(left.find(kLineEnd) + kLineEnd.size());
  for (size_t end = left.find(kLineEnd); end != 0; end = left.find(kLineEnd)) {
    const std::string_view line = left.substr(0, end);
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos && isSameWord(line.substr(0, colon), name))
      return trimmed(line.substr(colon + 1));
    left.remove_prefix(end + kLineEnd.size());
  }
  return std::nullopt;
}

bool isSameWord(std::string_view left, std::string_view right) {
  return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace nullserver
