// Bytes that the kernel has not taken yet, in one piece of memory so that one send offers all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace driver {

class SendQueue {
 public:
  bool empty() const { return head_ == bytes_.size(); }
  size_t size() const { return bytes_.size() - head_; }
  std::span<const uint8_t> unsent() const { return std::span(bytes_).subspan(head_); }

  void append(std::span<const uint8_t> more) {
    // Moving the rest to the front when half was sent keeps each byte's moves bounded however long the queue
    // lives.
    if (head_ > bytes_.size() / 2) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    bytes_.insert(bytes_.end(), more.begin(), more.end());
  }

  void consume(size_t count) {
    head_ += count;
    if (!empty()) return;
    head_ = 0;
    bytes_.clear();
    shrink(bytes_);
  }

  /// Takes all of `more` without copying it; only when empty.
  void refill(std::vector<uint8_t>& more) {
    if (more.empty()) return;
    bytes_.swap(more);
    shrink(more);
  }

  void clear() {
    bytes_ = {};
    head_ = 0;
  }

 private:
  /// A long queue is rare, so its memory goes back rather than staying with a connection that may never need
  /// it again; that of a usual message stays, because completions make every message queue.
  static void shrink(std::vector<uint8_t>& bytes) {
    constexpr size_t kKeptBytes = 2048;
    if (bytes.empty() && bytes.capacity() > kKeptBytes) bytes = {};
  }

  std::vector<uint8_t> bytes_;
  size_t head_ = 0;
};

}  // namespace driver
