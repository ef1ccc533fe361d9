// The driver on every back end of the table.
#include "suite.h"

std::vector<program::Entry> program::entries() {
  std::vector<Entry> all;
  for (const driver::Kind& kind : driver::kinds())
    addEntries(all, kind.name, [kind] { return kind.obstacle().value_or(""); }, kind);
  return all;
}
