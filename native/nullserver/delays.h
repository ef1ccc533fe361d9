// The delays that the null server owes its clients: a mixture of constants. Which message gets which one
// follows from the seed and the message's place in the order of arrival, so a run can be had again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../loadgen/random.h"

namespace nullserver {

class Delays {
 public:
  /// `text` lists SHARE:NANOSECONDS, separated by commas; the last takes what the others leave. Throws
  /// std::invalid_argument.
  Delays(const std::string& text, uint64_t seed);

  int64_t next() {
    const double at = random_.unit();
    double below = 0;
    for (const Part& part : parts_)
      if (at <= (below += part.share)) return part.ns;
    return parts_.back().ns;
  }

 private:
  struct Part {
    double share;
    int64_t ns;
  };
  std::vector<Part> parts_;
  loadgen::Random random_;
};

}  // namespace nullserver
