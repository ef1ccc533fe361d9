// The delays that the null server owes its clients: a mixture of constants. Which message gets which one
// follows from the seed and the message's place in the order of arrival, so a run can be had again.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace nullserver {

class Delays {
 public:
  /// `text` lists SHARE:NANOSECONDS, separated by commas; the last takes what the others leave. Throws
  /// std::invalid_argument.
  Delays(const std::string& text, uint64_t seed);

  int64_t next() {
    // From 0 up to, but not including, 1.
    const double at = static_cast<double>(random_() >> 11) * 0x1.0p-53;
    double below = 0;
    for (const Part& part : parts_)
      if (at < (below += part.share)) return part.ns;
    return parts_.back().ns;
  }

 private:
  struct Part {
    double share;
    int64_t ns;
  };
  std::vector<Part> parts_;
  /// The standard fixes its sequence, so a seed means the same delays everywhere.
  std::mt19937_64 random_;
};

}  // namespace nullserver
