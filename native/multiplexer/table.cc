// The table of back ends: the only place that knows them all.
#include <array>

#include "multiplexer.h"

namespace multiplexer {

extern const Kind kSelect, kSelectUnbounded, kPoll, kEpoll, kEpollEdge, kUringPoll;

std::span<const Kind> kinds() {
  static const std::array table = {kSelect, kSelectUnbounded, kPoll, kEpoll, kEpollEdge, kUringPoll};
  return table;
}

const Kind* find(const std::string& name) {
  for (const Kind& kind : kinds())
    if (kind.name == name) return &kind;
  return nullptr;
}

}  // namespace multiplexer
