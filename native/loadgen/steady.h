// The part that the closed and the open loop share: connections that live as long as the run. A connection
// that fails is not opened again; its outstanding requests become errors, and the run stops early with its
// accounting intact.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "stamps.h"
#include "worker.h"

namespace loadgen {

struct Connection {
  enum class State : uint8_t { Connecting, Greeting, Ready, Failed };

  base::Descriptor socket;
  std::unique_ptr<Wire> wire;
  State state = State::Connecting;
  /// Answers of this turn that have not yet been followed by `released`.
  uint64_t released = 0;
  /// When each outstanding request was issued (closed loop) or due (open loop), oldest first.
  Stamps stamps;
  /// When each of them was handed over (open loop).
  Stamps sendTimes;
  // Links of the open loop's lists.
  int32_t previous = -1;
  int32_t next = -1;
};

class SteadyWorker : public Worker {
 public:
  using Worker::Worker;

 protected:
  void prepare() override;
  uint64_t outstanding() const override { return inFlight_.now(); }

  /// Called when answers of a connection arrived; `stamps` of the connection still hold the requests they
  /// answer.
  virtual void answered(Connection& connection, uint64_t messages, int64_t now) = 0;
  /// Called at the end of a turn for each connection that got answers: the place to issue what they release.
  virtual void released(Connection& /*connection*/, uint64_t /*messages*/) {}
  /// Called between two connections of a turn: the place for what cannot wait until the turn is over.
  virtual void between() {}
  /// Called for each request that timed out, with its stamp, before its connection fails.
  virtual void timedOut(int64_t /*stamp*/) {}
  /// Called when a connection fails.
  virtual void lost(Connection& /*connection*/) {}

  /// Waits up to `timeoutNs` and handles what came.
  void turn(int64_t timeoutNs);
  /// Adds a request with this stamp to what the connection sends next.
  void issue(Connection& connection, int64_t stamp, int64_t now);
  void flush(Connection& connection);
  /// Takes `messages` stamps off the connection; `record` is called with each.
  template <class Record>
  void settle(Connection& connection, uint64_t messages, int64_t now, Record record) {
    for (uint64_t i = 0; i < messages; ++i) record(connection.stamps.pop());
    inFlight_.remove(messages, now, window_);
    countOk(messages, now);
  }
  /// Fails connections whose oldest request is older than the timeout.
  void expire(int64_t now);
  /// Whether the thread has nothing left to do: the window is over and everything is answered, or the run was
  /// stopped.
  bool done(int64_t now) const { return run_.stopped() || (now >= window_.t1 && inFlight_.now() == 0); }

  std::vector<Connection> connections_;

 private:
  void open(Connection& connection, size_t ordinal);
  void handle(Connection& connection, uint32_t events);
  void finishConnect(Connection& connection, uint32_t events);
  void becomeReady(Connection& connection);
  bool receive(Connection& connection);
  void rearm(const Connection& connection);
  void fail(Connection& connection, const Failure& failure);
  void reopen(Connection& connection);
  uint64_t indexOf(const Connection& connection) const {
    return static_cast<uint64_t>(&connection - connections_.data());
  }

  /// Whether the last read found the socket empty.
  bool drained_ = false;
  /// Set while connections are opened for a slice that is not the first.
  bool betweenSlices_ = false;
  size_t ready_ = 0;
  size_t opened_ = 0;
  int64_t nextExpiry_ = 0;
};

}  // namespace loadgen
