// The parts of the histogram that are not on the hot path: set-up, merging and the sparse export.
#include "histogram.h"

namespace loadgen {

Histogram::Histogram() : counts_(indexOf(kHighestNs) + 1) {}

void Histogram::merge(const Histogram& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  if (other.min_ < min_) min_ = other.min_;
  if (other.max_ > max_) max_ = other.max_;
}

std::vector<double> Histogram::pairs() const {
  std::vector<double> result;
  for (size_t index = 0; index < counts_.size(); ++index) {
    if (counts_[index] == 0) continue;
    const auto i = static_cast<int64_t>(index);
    // Bucket 0 holds 2048 values; each later bucket holds the upper 1024 sub-buckets of twice the width.
    const int bucket = i < 2 * kHalf ? 0 : static_cast<int>(i / kHalf) - 1;
    result.push_back(static_cast<double>((i - bucket * kHalf) << bucket));
    result.push_back(static_cast<double>(counts_[index]));
  }
  return result;
}

}  // namespace loadgen
