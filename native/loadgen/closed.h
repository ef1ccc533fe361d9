// The closed loop: every connection keeps `pipeline` requests in flight, and an answer at once releases the
// next request. Latency is service time, from just before the request is sent until its answer is received.
#pragma once

#include "steady.h"

namespace loadgen {

class ClosedWorker final : public SteadyWorker {
 public:
  using SteadyWorker::SteadyWorker;

 protected:
  void load() override;
  void answered(Connection& connection, uint64_t messages, int64_t now) override;
  void released(Connection& connection, uint64_t messages) override;
};

}  // namespace loadgen
