// The loops, and the ways in which their threads work differently.
#include "suite.h"

namespace loadgen::test {

constexpr Load kLoads[] = {
    {"closed", Loop::Closed, Arrivals::Constant, CloseMode::Fin, false},
    {"open", Loop::Open, Arrivals::Poisson, CloseMode::Fin, false},
    {"open, spinning", Loop::Open, Arrivals::Constant, CloseMode::Fin, true},
    {"churn with FIN", Loop::Churn, Arrivals::Constant, CloseMode::Fin, false},
    {"churn with RST", Loop::Churn, Arrivals::Constant, CloseMode::Rst, false},
};

}  // namespace loadgen::test

std::vector<program::Entry> program::entries() {
  std::vector<Entry> all;
  for (const loadgen::test::Load& load : loadgen::test::kLoads)
    addEntries(all, load.name, [] { return std::string(); }, load);
  return all;
}
