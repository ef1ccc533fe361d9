// Counters of one thread, for others to read while it goes on counting.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace reactor {

/// A struct of 64-bit numbers only. Each number is read as a whole; together they may be of two neighbouring
/// times.
template <class Counters>
class Published {
 public:
  /// By one thread.
  void store(const Counters& counters) {
    const auto numbers = std::bit_cast<Numbers>(counters);
    for (size_t index = 0; index < kCount; ++index)
      numbers_[index].store(numbers[index], std::memory_order_relaxed);
  }

  Counters load() const {
    Numbers numbers;
    for (size_t index = 0; index < kCount; ++index)
      numbers[index] = numbers_[index].load(std::memory_order_relaxed);
    return std::bit_cast<Counters>(numbers);
  }

 private:
  static constexpr size_t kCount = sizeof(Counters) / sizeof(uint64_t);
  using Numbers = std::array<uint64_t, kCount>;

  std::array<std::atomic<uint64_t>, kCount> numbers_{};
};

}  // namespace reactor
