// The churn loop: each slot connects, exchanges one verified message, closes, and starts again. An operation
// lasts from the start of the connect until the connection is closed; `connect`, `firstByte` (connected until
// the first byte from the server) and `close` are its parts. FIN shuts down and waits for the server's FIN;
// RST resets.
//
// An error is counted and its slot pauses before the next attempt; a thousand errors in a row end the run.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "worker.h"

namespace loadgen {

class ChurnWorker final : public Worker {
 public:
  ChurnWorker(Run& run, int index);

 protected:
  void prepare() override {}
  void load() override;
  uint64_t outstanding() const override { return inFlight_.now(); }

 private:
  enum class State : uint8_t { Free, Paused, Connecting, Talking, Closing };
  struct Slot {
    base::Descriptor socket;
    std::unique_ptr<Wire> wire;
    State state = State::Free;
    bool wantsWritable = true;
    int64_t begun = 0;
    int64_t connected = 0;
    int64_t firstByte = 0;
    int64_t closing = 0;
    int64_t resumeAt = 0;
  };

  void begin(Slot& slot);
  void handle(Slot& slot, uint32_t events);
  void finishConnect(Slot& slot, uint32_t events);
  void receive(Slot& slot);
  void sendFirst(Slot& slot, int64_t now);
  void talk(Slot& slot, int64_t now);
  void flush(Slot& slot);
  void close(Slot& slot, int64_t now);
  void succeed(Slot& slot, int64_t now);
  void fail(Slot& slot, const Failure& failure);
  void resumePaused(int64_t now);
  void expire(int64_t now);

  std::vector<Slot> slots_;
  bool spreadSources_;
  uint64_t ordinal_ = 0;
  size_t paused_ = 0;
  int errorsInARow_ = 0;
  int64_t nextExpiry_ = 0;
  // Of the present slice.
  Histogram* connect_ = nullptr;
  Histogram* firstByte_ = nullptr;
  Histogram* close_ = nullptr;
};

}  // namespace loadgen
