// The ways a request can fail. The order and the names are those of ERROR_CLASSES in harness/results/run.ts.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace loadgen {

enum class ErrorClass {
  Refused,
  TimedOut,
  Unreachable,
  Reset,
  ClosedEarly,
  Short,
  Corrupt,
  Malformed,
  AddressNotAvailable,
  Other,
};

constexpr std::array<const char*, static_cast<size_t>(ErrorClass::Other) + 1> kErrorNames = {
    "refused", "timedOut",  "unreachable",         "reset", "closedEarly", "short",
    "corrupt", "malformed", "addressNotAvailable", "other",
};
static_assert(kErrorNames.back() != nullptr, "each class needs a name");

struct Failure {
  ErrorClass kind = ErrorClass::Other;
  std::string what;
};

}  // namespace loadgen
