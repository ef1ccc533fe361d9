// A queue of time stamps that grows when it must and never shrinks: one per outstanding request of a
// connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace loadgen {

class Stamps {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  int64_t front() const { return ring_[first_]; }
  void push(int64_t stamp) {
    if (size_ == ring_.size()) grow();
    ring_[(first_ + size_++) & (ring_.size() - 1)] = stamp;
  }
  int64_t pop() {
    const int64_t stamp = ring_[first_];
    first_ = (first_ + 1) & (ring_.size() - 1);
    --size_;
    return stamp;
  }

 private:
  void grow() {
    std::vector<int64_t> larger(ring_.empty() ? 4 : 2 * ring_.size());
    for (size_t i = 0; i < size_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<int64_t> ring_;
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace loadgen
