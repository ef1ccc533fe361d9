// Small deterministic randomness: everything the generator draws follows from the seed of the job.
#pragma once

#include <cstdint>

namespace loadgen {

/// Mixes 64 bits so that neighbouring inputs give unrelated outputs (the finalizer of SplitMix64).
inline uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// SplitMix64: a sequence of 64-bit values from a seed.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15U); }
  /// A double in (0, 1], so that its logarithm is finite.
  double unit() { return static_cast<double>((next() >> 11) + 1) * 0x1.0p-53; }

 private:
  uint64_t state_;
};

}  // namespace loadgen
