// The ways a request can fail. The order and the names are those of ERROR_CLASSES in harness/results/run.ts.
#pragma once

#include <array>
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

constexpr std::array<const char*, 10> kErrorNames = {
    "refused", "timedOut",  "unreachable",         "reset", "closedEarly", "short",
    "corrupt", "malformed", "addressNotAvailable", "other",
};

struct Failure {
  ErrorClass kind = ErrorClass::Other;
  std::string what;
};

}  // namespace loadgen
