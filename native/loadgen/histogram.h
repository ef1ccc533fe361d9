// Counts of durations in nanoseconds with three significant digits, from 1 ns to 1 hour. The buckets are
// those of HdrHistogram with a lowest value of 1, so that exporting loses nothing that recording had not
// already rounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loadgen {

class Histogram {
 public:
  static constexpr int64_t kHighestNs = 3'600'000'000'000;

  Histogram();

  void record(int64_t ns) { record(ns, 1); }
  /// Records `count` equal values; values outside 1 ns .. 1 hour are moved to the nearer end.
  void record(int64_t ns, uint64_t count) {
    if (ns < 1) ns = 1;
    if (ns > kHighestNs) ns = kHighestNs;
    counts_[indexOf(ns)] += count;
    count_ += count;
    sum_ += static_cast<double>(ns) * static_cast<double>(count);
    if (ns < min_) min_ = ns;
    if (ns > max_) max_ = ns;
  }
  void merge(const Histogram& other);

  uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  int64_t min() const { return count_ == 0 ? 0 : min_; }
  int64_t max() const { return max_; }
  /// The non-empty buckets as (lowest value of the bucket, count) pairs, ascending.
  std::vector<double> pairs() const;

 private:
  static constexpr int kSubBucketBits = 11;  // 2048 sub-buckets keep three significant digits.
  static constexpr int64_t kHalf = 1 << (kSubBucketBits - 1);

  static int bucketOf(int64_t ns) {
    return 64 - kSubBucketBits - __builtin_clzll(static_cast<uint64_t>(ns) | (2 * kHalf - 1));
  }
  static size_t indexOf(int64_t ns) {
    const int bucket = bucketOf(ns);
    return static_cast<size_t>(bucket * kHalf + (ns >> bucket));
  }

  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  double sum_ = 0;
  int64_t min_ = INT64_MAX;
  int64_t max_ = 0;
};

}  // namespace loadgen
