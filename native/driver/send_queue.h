// Bytes that the kernel has not taken yet, in one piece of memory so that one send offers all of them. A
// connection with nothing unsent has no such memory: with completions every message is queued for a moment,
// and nearly all connections are between two messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace driver {

struct SendBuffer {
  std::vector<uint8_t> bytes;
  /// How many of them were sent.
  size_t head = 0;
};

/// The memory of queues that became empty, for the next ones.
class SendBuffers {
 public:
  std::unique_ptr<SendBuffer> take() {
    if (spare_.empty()) return std::make_unique<SendBuffer>();
    std::unique_ptr<SendBuffer> buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
  }

  /// A long queue is rare, and so are many at once, so that their memory goes back to the system.
  void giveBack(std::unique_ptr<SendBuffer> buffer) {
    constexpr size_t kMostBuffers = 256;
    constexpr size_t kMostBytes = 16 * 1024;
    if (spare_.size() >= kMostBuffers || buffer->bytes.capacity() > kMostBytes) return;
    buffer->bytes.clear();
    buffer->head = 0;
    spare_.push_back(std::move(buffer));
  }

 private:
  std::vector<std::unique_ptr<SendBuffer>> spare_;
};

class SendQueue {
 public:
  bool empty() const { return buffer_ == nullptr; }
  size_t size() const { return unsent().size(); }
  std::span<const uint8_t> unsent() const {
    return empty() ? std::span<const uint8_t>() : std::span(buffer_->bytes).subspan(buffer_->head);
  }

  void append(std::span<const uint8_t> more, SendBuffers& spare) {
    if (more.empty()) return;
    if (empty()) buffer_ = spare.take();
    auto& [bytes, head] = *buffer_;
    // Moving the rest to the front when half was sent keeps each byte's moves bounded however long the queue
    // lives.
    if (head > bytes.size() / 2) {
      bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(head));
      head = 0;
    }
    bytes.insert(bytes.end(), more.begin(), more.end());
  }

  void consume(size_t count, SendBuffers& spare) {
    if (empty()) return;
    buffer_->head += count;
    if (buffer_->head == buffer_->bytes.size()) spare.giveBack(std::move(buffer_));
  }

  void clear() { buffer_.reset(); }

 private:
  /// Null when there is nothing unsent.
  std::unique_ptr<SendBuffer> buffer_;
};

}  // namespace driver
