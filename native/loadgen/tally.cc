// Merging what the threads observed.
#include "tally.h"

namespace loadgen {

namespace {

// One for each type of field in `Tally::eachField`.
void add(uint64_t& sum, uint64_t more) { sum += more; }
void add(double& sum, double more) { sum += more; }
void add(Histogram& sum, const Histogram& more) { sum.merge(more); }

void add(std::array<uint64_t, kErrorNames.size()>& sum,
         const std::array<uint64_t, kErrorNames.size()>& more) {
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += more[i];
}

void add(std::map<std::string, Histogram>& sum, const std::map<std::string, Histogram>& more) {
  for (const auto& [name, histogram] : more) sum[name].merge(histogram);
}

void add(std::vector<uint64_t>& sum, const std::vector<uint64_t>& more) {
  if (sum.size() < more.size()) sum.resize(more.size());
  for (size_t i = 0; i < more.size(); ++i) sum[i] += more[i];
}

}  // namespace

void Tally::merge(const Tally& other) {
  eachField([&](const char*, auto field) { add(this->*field, other.*field); });
  if (other.firstErrorAt >= firstErrorAt) return;
  firstErrorAt = other.firstErrorAt;
  firstError = other.firstError;
}

}  // namespace loadgen
