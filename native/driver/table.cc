// The table of drivers: the only place that knows them all.
#include <vector>

#include "driver.h"
#include "readiness/readiness.h"

namespace driver {

extern const Kind kUring;

std::span<const Kind> kinds() {
  static const std::vector<Kind> table = [] {
    std::vector<Kind> all;
    for (const multiplexer::Kind& kind : multiplexer::kinds())
      all.push_back({kind.name, kind.description, kind.waitsIn, kind.limit, kind.obstacle,
                     [&kind](Handler& handler, const Settings& settings) -> std::unique_ptr<Driver> {
                       return std::make_unique<ReadinessDriver>(kind, handler, settings);
                     }});
    all.push_back(kUring);
    return all;
  }();
  return table;
}

const Kind* find(const std::string& name) {
  for (const Kind& kind : kinds())
    if (kind.name == name) return &kind;
  return nullptr;
}

}  // namespace driver
