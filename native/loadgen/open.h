// The open loop: requests are due on a schedule that was fixed in advance, whatever is outstanding. A due
// request goes to the connection that has been idle longest, or, when none is idle, behind the requests of
// the one used least recently. Latency is done minus due, so a stall delays every request that falls due
// meanwhile; send lag is handed over minus due, the generator's own lateness, and latency from
// send is what remains without it.
#pragma once

#include "schedule.h"
#include "steady.h"

namespace loadgen {

class OpenWorker final : public SteadyWorker {
 public:
  OpenWorker(Run& run, int index);

 protected:
  void load() override;
  void answered(Connection& connection, uint64_t messages, int64_t now) override;
  void between() override;
  void timedOut(int64_t due) override;
  void lost(Connection& connection) override;
  bool isStalled(int64_t now) const override;

 private:
  /// A list of connections, least recently used first, linked through their indices.
  struct List {
    int32_t first = -1;
    int32_t last = -1;
  };
  void append(List& list, Connection& connection);
  void remove(List& list, Connection& connection);
  /// Issues requests that are due at `now`, a limited number so that answers are read meanwhile.
  void issueDue(int64_t now);
  bool canIssue() const;
  int64_t patience() const;

  Schedule schedule_;
  /// Of the present slice.
  Histogram* sendLag_ = nullptr;
  Histogram* fromSend_ = nullptr;
  int64_t due_ = 0;
  List idle_;
  List busy_;
};

}  // namespace loadgen
