// The closed loop; see closed.h.
#include "closed.h"

#include <algorithm>

#include "../base/clock.h"

namespace loadgen {

void ClosedWorker::load() {
  for (Connection& connection : connections_) {
    const int64_t now = base::monotonicNs();
    for (int i = 0; i < job_.pipeline; ++i) issue(connection, now, now);
    flush(connection);
  }
  for (int64_t now = base::monotonicNs(); !done(now); now = base::monotonicNs()) {
    turn(kUntilTick);
    passTime(now);
    expire(now);
  }
}

void ClosedWorker::answered(Connection& connection, uint64_t messages, int64_t now) {
  const bool inWindow = window_.contains(now);
  settle(connection, messages, now, [&](int64_t issued) {
    if (inWindow) {
      tally_.latency.record(now - issued);
      if (issued < window_.t0) tally_.edgeAreaNs -= static_cast<double>(window_.t0 - issued);
    } else if (now >= window_.t1) {
      tally_.edgeAreaNs += static_cast<double>(window_.t1 - std::max(issued, window_.t0));
    }
  });
}

void ClosedWorker::released(Connection& connection, uint64_t messages) {
  const int64_t stamp = base::monotonicNs();
  if (stamp >= window_.t1) return;
  for (uint64_t i = 0; i < messages; ++i) issue(connection, stamp, stamp);
}

}  // namespace loadgen
