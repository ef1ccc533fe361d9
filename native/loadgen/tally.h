// What one generator thread observed. Each thread owns one, without locks; they are merged when the threads
// are done.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "../base/clock.h"
#include "errors.h"
#include "histogram.h"

namespace loadgen {

/// The measured window on the monotonic clock; warm-up runs from `start` to `t0`.
struct Window {
  int64_t start = 0;
  int64_t t0 = 0;
  int64_t t1 = 0;
  bool contains(int64_t now) const { return now >= t0 && now < t1; }
};

/// Fine enough for a stall to show in the shortest window, and coarse enough to be kept for every sample.
constexpr int64_t kSeriesStepNs = 10 * base::kMillisecondNs;

/// How many steps the series of a window has.
constexpr int64_t stepsOf(const Window& window) {
  const int64_t steps = (window.t1 - window.t0 + kSeriesStepNs - 1) / kSeriesStepNs;
  return steps > 1 ? steps : 1;
}

/// The integral of requests in flight over the window, kept by count: exact for any load, and independent of
/// the latencies, so that Little's law can be checked against it.
class InFlight {
 public:
  uint64_t now() const { return count_; }
  void add(uint64_t requests, int64_t at, const Window& window) {
    advance(at, window);
    count_ += requests;
  }
  void remove(uint64_t requests, int64_t at, const Window& window) {
    advance(at, window);
    count_ -= requests;
  }
  void advance(int64_t at, const Window& window) {
    const int64_t from = last_ > window.t0 ? last_ : window.t0;
    const int64_t to = at < window.t1 ? at : window.t1;
    if (to > from) area_ += static_cast<double>(to - from) * static_cast<double>(count_);
    if (at > last_) last_ = at;
  }
  /// The area since the last call.
  double takeArea() { return std::exchange(area_, 0); }

 private:
  uint64_t count_ = 0;
  int64_t last_ = 0;
  double area_ = 0;
};

struct Tally {
  uint64_t sent = 0;
  uint64_t ok = 0;
  uint64_t inFlight = 0;
  /// Datagrams that were not answered in time; everything else is an error.
  uint64_t lost = 0;
  std::array<uint64_t, kErrorNames.size()> errors{};
  int64_t firstErrorAt = INT64_MAX;
  std::string firstError;

  uint64_t operations = 0;
  uint64_t scheduled = 0;
  uint64_t sentInWindow = 0;
  /// Requests in flight times nanoseconds.
  double inFlightAreaNs = 0;
  /// Time in flight inside the window that `latency` misses (requests answered after it), less the time
  /// outside that it holds (requests issued before it). With it Little's law is exact for a window of any
  /// length.
  double edgeAreaNs = 0;
  Histogram latency;
  std::map<std::string, Histogram> stages;
  /// Operations completed in each step of the window.
  std::vector<uint64_t> series;

  /// Calls `visit` with the name that JavaScript gives each field and with the field, as a pointer to a
  /// member. Merging and the result for JavaScript follow from this one list; only the first error is not in
  /// it.
  template <class Visit>
  static void eachField(Visit&& visit) {
    visit("sent", &Tally::sent);
    visit("ok", &Tally::ok);
    visit("inFlight", &Tally::inFlight);
    visit("lost", &Tally::lost);
    visit("errors", &Tally::errors);
    visit("operations", &Tally::operations);
    visit("scheduled", &Tally::scheduled);
    visit("sentInWindow", &Tally::sentInWindow);
    visit("inFlightAreaNs", &Tally::inFlightAreaNs);
    visit("edgeAreaNs", &Tally::edgeAreaNs);
    visit("latency", &Tally::latency);
    visit("stages", &Tally::stages);
    visit("series", &Tally::series);
  }

  void merge(const Tally& other);
};

}  // namespace loadgen
