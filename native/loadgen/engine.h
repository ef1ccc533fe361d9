// One run of the load generator, from connecting to the merged result. `runLoad` blocks; call it on a thread
// that may.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "job.h"
#include "live.h"
#include "tally.h"

namespace loadgen {

struct Result {
  Tally tally;
  /// How long the window really was; shorter than ordered when the run was stopped early, 0 when it never
  /// began.
  int64_t windowNs = 0;
  std::optional<int64_t> serverCpuNs;
  std::optional<int64_t> processCpuNs;
  std::vector<int64_t> threadCpuNs;
  /// Empty where the kernel does not count it.
  std::vector<int64_t> threadWaitNs;

  /// As `Tally::eachField`; the fields of the tally are not among these.
  template <class Visit>
  static void eachField(Visit&& visit) {
    visit("windowNs", &Result::windowNs);
    visit("serverCpuNs", &Result::serverCpuNs);
    visit("processCpuNs", &Result::processCpuNs);
    visit("threadCpuNs", &Result::threadCpuNs);
    visit("threadWaitNs", &Result::threadWaitNs);
  }
};

/// Throws std::exception when the generator itself cannot work; a server's faults are in the result.
Result runLoad(const Job& job, LivePage& live);

}  // namespace loadgen
