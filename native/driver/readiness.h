// The readiness driver: accepts, receives, sends and closes over any multiplexer, and tells a handler what
// happened.
//
// One turn waits once, serves what is ready, and ends the batch. In the steady state an echo costs one recv,
// one send and a share of one wait: interests change only when a queue fills or empties, and they are told to
// the multiplexer at the end of the batch, so that a connection which ends within it costs no change at all.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "../multiplexer/multiplexer.h"
#include "connect.h"
#include "connection.h"
#include "counters.h"
#include "handler.h"
#include "listener.h"

namespace driver {

/// The most bytes that one connection is read in one turn, so that a loud peer does not starve the others.
constexpr size_t kReadCapBytes = 64 * 1024;

struct Settings {
  /// Memory to receive into; at least one read cap.
  std::span<uint8_t> slab;
  /// Where to publish the unsent bytes of each slot; empty, or one number per connection at the limit.
  std::span<uint32_t> unsentBytes;
  uint32_t connectionLimit;
};

class Readiness {
 public:
  Readiness(const multiplexer::Kind& kind, Handler& handler, const Settings& settings);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  /// Returns the listener's number. Throws std::system_error (the call and errno) or std::out_of_range.
  uint32_t listen(const ListenOptions& options);
  uint16_t portOf(uint32_t listener) const { return localAddressOf(listeners_[listener].fd).port(); }
  void closeListener(uint32_t listener);
  /// Begins a connection: `opened` with `kOutgoing`, or `closed`, follows in a later turn. Until then it can
  /// only be closed or reset, which ends it at once. Throws std::system_error (the call and errno) when it
  /// cannot begin, and std::out_of_range when the multiplexer has no place for it.
  Token connect(const ConnectOptions& options);
  /// Closes every listener and connection without telling the handler.
  void dropAll();

  /// Adds one descriptor of the owner's, whose readiness ends a wait and is told by `takeWake`. It is never
  /// read.
  void watchWake(int fd);
  /// Whether the owner's descriptor was ready since the last call.
  bool takeWake();

  /// Waits at most `timeoutNs` (negative: no limit) and serves what is ready.
  void turn(int64_t timeoutNs);
  /// Tells the multiplexer of changed interests and frees the slots of closed connections. A turn ends with
  /// it; an owner that acts between turns calls it before the next one.
  void settle();

  // What a handler can do with a connection; all of them ignore and count a connection that is gone.
  /// Sends now what the kernel takes and queues the rest.
  void send(Token token, std::span<const iovec> pieces);
  /// Sends FIN when the queue is empty; the peer can still send.
  void finish(Token token);
  /// Like `finish`, but throws away what arrives, and closes when the peer ends or takes too long to.
  void close(Token token);
  /// Closes at once with RST.
  void reset(Token token);
  void pause(Token token);
  void resume(Token token);
  /// Asks for one `drained` when the queue is empty, at once if it is.
  void wantDrain(Token token);
  /// 0 when the connection is gone.
  size_t unsentBytes(Token token);
  /// Null when the connection is gone.
  const Connection* find(Token token) { return slots_.find(token); }

  const Counters& counters() const { return counters_; }
  const multiplexer::Counters& multiplexerCounters() const { return multiplexer_->counters(); }

 private:
  // readiness.cc
  void serve(const multiplexer::Event& event);
  void serveConnection(Connection& connection, multiplexer::Readiness readiness);
  void serveReadyList();
  void rearmWake();
  void update(Connection& connection);
  int64_t boundedTimeout(int64_t timeoutNs) const;
  // accept.cc
  void accept(uint32_t listener);
  bool adopt(int fd, uint32_t listener, const Address& remote);
  void shed(Listener& listener);
  void rest(uint32_t listener);
  void resumeListeners();
  // connect.cc
  void serveConnecting(Connection& connection);
  // transfer.cc
  void receive(Connection& connection);
  bool discard(Connection& connection, size_t count);
  void endOfInput(Connection& connection);
  void flush(Connection& connection);
  void queueRest(Connection& connection, std::span<const iovec> pieces, size_t sent);
  void publish(const Connection& connection);
  // closing.cc
  Connection* need(Token token);
  void finishNow(Connection& connection);
  void closeNow(Connection& connection, int error);
  void noteIdleTimeout(int64_t idleTimeoutNs);
  void scheduleCheck();
  void checkBy(int64_t dueNs);
  void unwatch(int fd) noexcept;
  void checkDeadlines();
  void makeDirty(Connection& connection);
  void makeReady(Connection& connection);

  const multiplexer::Kind& kind_;
  std::unique_ptr<multiplexer::Multiplexer> multiplexer_;
  Handler& handler_;
  Settings settings_;
  Slots slots_;
  std::vector<Listener> listeners_;
  std::vector<multiplexer::Event> events_;
  /// Connections and listeners that may have more, though no event will say so.
  std::vector<Token> ready_;
  std::vector<Token> readyNow_;
  std::vector<Token> dirty_;
  std::vector<uint32_t> closed_;
  size_t slabUsed_ = 0;
  /// The time of the current turn; read once per turn because a clock costs as much as a small system call.
  int64_t nowNs_;
  int64_t nextCheckNs_ = 0;
  uint32_t lingering_ = 0;
  int64_t shortestIdleTimeoutNs_ = 0;
  uint32_t resting_ = 0;
  /// Given up for a moment when descriptors run out, so that a waiting connection can be accepted and closed.
  int reserveFd_;
  int wakeFd_ = -1;
  bool woken_ = false;
  bool wakeUsedUp_ = false;
  Counters counters_;
};

}  // namespace driver
