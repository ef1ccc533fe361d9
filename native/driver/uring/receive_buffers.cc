// Registering the ring of buffers.
#include "receive_buffers.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace driver {

constexpr size_t kPageBytes = 4096;
constexpr size_t kLargestRing = 32768;

ReceiveBuffers::ReceiveBuffers(multiplexer::UringRing& ring, uint16_t group, std::span<uint8_t> memory)
    : memory_(memory) {
  const size_t count = std::min(memory.size() / kBufferBytes, kLargestRing);
  const size_t places = std::bit_ceil(count);
  mask_ = static_cast<uint16_t>(places - 1);
  const size_t bytes = (places * sizeof(Entry) + kPageBytes - 1) / kPageBytes * kPageBytes;
  entries_.reset(static_cast<Entry*>(std::aligned_alloc(kPageBytes, bytes)));
  if (entries_ == nullptr) throw std::bad_alloc();
  std::memset(static_cast<void*>(entries_.get()), 0, bytes);
  ring.registerBufferRing(entries_.get(), static_cast<uint32_t>(places), group);
  for (size_t buffer = 0; buffer < count; ++buffer) giveBack(static_cast<uint16_t>(buffer));
}

}  // namespace driver
