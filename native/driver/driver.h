// A driver accepts, receives, sends and closes, and calls a handler with what happened. There are two:
// readiness, over any multiplexer, and io_uring's completions. Its owner need not know which it is.
//
// One turn waits once, serves what happened, and ends the batch. One thread makes a driver, uses it and
// destroys it, because some kernel objects serve their maker only.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "../multiplexer/multiplexer.h"
#include "connect.h"
#include "connection.h"
#include "counters.h"
#include "datagrams.h"
#include "handler.h"
#include "listener.h"
#include "wait_clock.h"

namespace driver {

/// What one connection is read in one turn, so that a busy peer does not starve the others.
constexpr size_t kReadCapBytes = 64 * 1024;
/// Accepts of one listener in one turn, so that a burst of connections does not keep the others waiting.
constexpr size_t kAcceptBudget = 128;
/// The smallest slab that every driver can work with; more of it means larger batches.
constexpr size_t kSmallestSlabBytes = 4 * kReadCapBytes;

struct Settings {
  /// Memory to receive into; at least `kSmallestSlabBytes`.
  std::span<uint8_t> slab;
  /// Where to publish the unsent bytes of each slot; empty, or one number per connection at the limit.
  std::span<uint32_t> unsentBytes;
  uint32_t connectionLimit;
  /// Where to publish the time inside the call that waits, asleep or not.
  WaitClock& waitClock;
};

class Driver {
 public:
  virtual ~Driver() = default;

  /// Returns the listener's number. Throws base::SystemError or std::out_of_range.
  virtual uint32_t listen(const ListenOptions& options) = 0;
  virtual uint16_t portOf(uint32_t listener) const = 0;
  /// Reports what it has accepted, and returns how many connections it opened in all: so many `opened` were
  /// called, some of them perhaps just now.
  virtual uint32_t closeListener(uint32_t listener) = 0;
  /// The descriptor of the listening socket; negative when it has none.
  virtual int descriptorOf(uint32_t listener) const = 0;
  /// Opens a connection on a socket that somebody else accepted, and owns it from then on. Returns false when
  /// there is no place for it; it is closed then.
  virtual bool adopt(int fd, uint32_t listener) = 0;
  /// Gives away a connection that was opened in this batch and had no traffic. Returns its descriptor, which
  /// the caller closes, and reports the connection as closed; negative when it is gone or not new.
  virtual int detach(Token token) = 0;
  /// Begins a connection: `opened` with `kOutgoing`, or `closed`, follows in a later turn. Until then it can
  /// only be closed or reset, which ends it at once. Throws base::SystemError when it cannot
  /// begin, and std::out_of_range when there is no place for it.
  virtual Token connect(const ConnectOptions& options) = 0;
  /// Opens a UDP socket and returns its number. Throws base::SystemError.
  virtual uint32_t openDatagrams(const DatagramOptions& options) = 0;
  virtual uint16_t portOfDatagrams(uint32_t socket) const = 0;
  /// Returns what it did.
  virtual DatagramCounts closeDatagrams(uint32_t socket) = 0;
  virtual DatagramCounts countsOf(uint32_t socket) const = 0;
  /// Sends what the kernel takes now; a datagram that has no room is counted and lost, as on the network.
  virtual void sendDatagrams(uint32_t socket, std::span<const DatagramSocket::Outgoing> datagrams) = 0;
  /// Closes every listener, UDP socket and connection without calling the handler.
  virtual void dropAll() = 0;

  /// Adds one descriptor of the owner's, whose readiness ends a wait and is reported by `takeWake`. It is
  /// never read.
  virtual void watchWake(int fd) = 0;
  /// Whether the owner's descriptor was ready since the last call.
  virtual bool takeWake() = 0;

  /// Waits at most `timeoutNs` (negative: no limit) and serves what is ready.
  virtual void turn(int64_t timeoutNs) = 0;
  /// Brings what is watched up to date and frees the slots of closed connections. A turn ends with it; an
  /// owner that acts between turns calls it before the next one.
  virtual void settle() = 0;
  /// Hands the kernel what waits for the next turn. For an owner that does something else first.
  virtual void submit() = 0;

  // What a handler can do with a connection; all of them ignore and count a connection that is gone.
  /// Sends what the kernel takes, now or when the next turn begins, and queues the rest. The bytes may change
  /// after the call.
  virtual void send(Token token, std::span<const iovec> pieces) = 0;
  /// Sends FIN when the queue is empty; the peer can still send.
  virtual void finish(Token token) = 0;
  /// Like `finish`, but throws away what arrives, and closes when the peer ends or takes too long to. A peer
  /// that takes nothing of the queue for two seconds is cut off with RST, which is reported as ETIMEDOUT.
  virtual void close(Token token) = 0;
  /// Closes at once with RST.
  virtual void reset(Token token) = 0;
  virtual void pause(Token token) = 0;
  virtual void resume(Token token) = 0;
  /// Asks for one `drained` when the queue is empty, at once if it is.
  virtual void wantDrain(Token token) = 0;
  /// 0 when the connection is gone.
  virtual size_t unsentBytes(Token token) = 0;
  /// Null when the connection is gone.
  virtual const Connection* find(Token token) = 0;

  virtual const Counters& counters() const = 0;
  virtual const multiplexer::Counters& multiplexerCounters() const = 0;
};

/// One line of the table.
struct Kind {
  const char* name;
  /// In one sentence, what it sleeps in and what that costs.
  const char* description;
  /// The system calls its wait may make, by their kernel names, separated by spaces: what a trace must show.
  const char* waitsIn;
  /// The number of descriptors it can watch at once; 0 when only the process's limit counts.
  int limit;
  /// Why it cannot run here; nothing when it can.
  std::optional<std::string> (*obstacle)();
  /// Throws base::SystemError.
  std::function<std::unique_ptr<Driver>(Handler&, const Settings&)> make;
};

/// Readiness over every multiplexer, and uring.
std::span<const Kind> kinds();
/// Null when there is none of this name.
const Kind* find(const std::string& name);

}  // namespace driver
