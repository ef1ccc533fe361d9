// The head of an HTTP request, as far as the null server has to read it. It is written for this server alone,
// so that the load generator's parser is not checked against itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nullserver {

class RequestHead {
 public:
  /// Takes bytes up to the end of the head and returns how many; `isComplete` then says whether it was
  /// reached.
  size_t take(std::span<const uint8_t> bytes);
  bool isComplete() const { return isComplete_; }
  bool isTooLong() const { return text_.size() > kLimitBytes; }
  const std::string& text() const { return text_; }
  void clear();

  /// The value of the first field of this name, whatever the case of its letters; nothing when there is none.
  std::optional<std::string_view> field(std::string_view name) const;

 private:
  static constexpr size_t kLimitBytes = 16 * 1024;

  std::string text_;
  bool isComplete_ = false;
};

/// Compares without regard to the case of letters.
bool isSameWord(std::string_view left, std::string_view right);

}  // namespace nullserver
