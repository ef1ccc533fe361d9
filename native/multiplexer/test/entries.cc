// The back ends under test: those of the table, and one that only a newer kernel hides.
#include "suite.h"

namespace multiplexer {
extern const Kind kUringPollBefore61;
}

std::vector<program::Entry> program::entries() {
  std::vector<Entry> all;
  const auto add = [&](const multiplexer::Kind& kind) {
    addEntries(all, kind.name, [kind] { return kind.obstacle().value_or(""); }, kind);
  };
  for (const multiplexer::Kind& kind : multiplexer::kinds()) add(kind);
  add(multiplexer::kUringPollBefore61);
  return all;
}
