// Merging what the threads observed.
#include "tally.h"

namespace loadgen {

void Tally::merge(const Tally& other) {
  sent += other.sent;
  ok += other.ok;
  inFlight += other.inFlight;
  for (size_t i = 0; i < errors.size(); ++i) errors[i] += other.errors[i];
  if (other.firstErrorAt < firstErrorAt) {
    firstErrorAt = other.firstErrorAt;
    firstError = other.firstError;
  }
  operations += other.operations;
  scheduled += other.scheduled;
  sentInWindow += other.sentInWindow;
  inFlightArea += other.inFlightArea;
  edgeArea += other.edgeArea;
  latency.merge(other.latency);
  for (const auto& [name, histogram] : other.stages) stages[name].merge(histogram);
  if (series.size() < other.series.size()) series.resize(other.series.size());
  for (size_t i = 0; i < other.series.size(); ++i) series[i] += other.series[i];
}

}  // namespace loadgen
