// Memory that the kernel receives into by itself: a ring of equal buffers, registered once. The kernel takes
// one for each completion, and it is given back when its bytes are used.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "../../multiplexer/uring_ring.h"

namespace driver {

/// One receive completes with at most this; a larger message comes in several.
constexpr size_t kBufferBytes = 4096;

class ReceiveBuffers {
 public:
  /// Throws base::SystemError when the kernel has no such rings.
  ReceiveBuffers(multiplexer::UringRing& ring, uint16_t group, std::span<uint8_t> memory);

  uint8_t* at(uint16_t buffer) const { return memory_.data() + buffer * kBufferBytes; }

  void giveBack(uint16_t buffer) {
    // The kernel's number of a buffer is its place in memory. The tail lies in an unused part of the first
    // entry.
    Entry& entry = entries_.get()[tail_ & mask_];
    entry.address = reinterpret_cast<uintptr_t>(at(buffer));
    entry.bytes = kBufferBytes;
    entry.buffer = buffer;
    std::atomic_ref(entries_.get()[0].tail).store(++tail_, std::memory_order_release);
  }

 private:
  /// The kernel's struct io_uring_buf.
  struct Entry {
    uint64_t address;
    uint32_t bytes;
    uint16_t buffer;
    uint16_t tail;
  };
  struct Free {
    void operator()(Entry* entries) const { std::free(entries); }
  };

  std::span<uint8_t> memory_;
  uint16_t mask_;
  uint16_t tail_ = 0;
  std::unique_ptr<Entry, Free> entries_;
};

}  // namespace driver
