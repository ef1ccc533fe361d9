// Connections that live as long as the run: opening them, sending, receiving, and failing.
#include "steady.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "../base/clock.h"

namespace loadgen {

namespace {

// Edge-triggered, and for both directions at once, because level-triggered epoll looks at every socket once
// more after it was read, and would need two more system calls for each send that does not fit. What an edge
// costs in care: read until the socket is empty, and ask again (`rearm`) wherever that is left undone.
constexpr uint32_t kInterest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
/// Reads of one connection in a turn, so that a busy one does not hold up the others.
constexpr int kReadsPerTurn = 16;

}  // namespace

void SteadyWorker::prepare() {
  // More at once would overflow the listen queue of many servers, and a lost SYN costs a second.
  constexpr size_t kOpening = 64;
  connections_.resize(static_cast<size_t>(connectionsOfThread()));
  betweenSlices_ = opened_ > 0;
  // Servers close connections that were idle for long; here that is seen before requests rely on them.
  if (betweenSlices_) turn(0);
  const int64_t deadline = base::monotonicNs() + job_.timeoutNs;
  while (ready_ < connections_.size() && !run_.stopped()) {
    while (opened_ < connections_.size() && opened_ - ready_ < kOpening && !run_.stopped()) {
      open(connections_[opened_], opened_);
      ++opened_;
    }
    turn(kUntilTick);
    if (base::monotonicNs() < deadline || ready_ == connections_.size()) continue;
    for (Connection& connection : connections_) {
      if (!connection.socket.open()) continue;
      if (connection.state == Connection::State::Connecting)
        fail(connection, failureOf(ETIMEDOUT, "connecting to", run_.target));
      else if (connection.state == Connection::State::Greeting)
        fail(connection, {ErrorClass::TimedOut, "the handshake was not answered in time"});
    }
    run_.stop();
  }
  betweenSlices_ = false;
}

/// A server may close a connection that nothing was asked of; the load wants it open all the same.
void SteadyWorker::reopen(Connection& connection) {
  LiveCounters::add(live_.connected, ~uint64_t{0});
  --ready_;
  connection.state = Connection::State::Connecting;
  open(connection, static_cast<size_t>(indexOf(connection)));
}

void SteadyWorker::open(Connection& connection, size_t ordinal) {
  connection.wire = run_.wires->make(run_.pattern, connectionId(ordinal));
  Failure failure;
  connection.socket = startConnect(run_.target, nullptr, failure);
  if (!connection.socket.open()) return fail(connection, failure);
  watch(EPOLL_CTL_ADD, connection.socket.fd(), kInterest, indexOf(connection));
}

/// Asks for the current readiness again, as if it were new.
void SteadyWorker::rearm(const Connection& connection) {
  watch(EPOLL_CTL_MOD, connection.socket.fd(), kInterest, indexOf(connection));
}

void SteadyWorker::turn(int64_t timeoutNs) {
  const std::span<epoll_event> events = wait(timeoutNs);
  for (const epoll_event& event : events) {
    handle(connections_[event.data.u64], event.events);
    between();
  }
  // All reads first and then all sends: the kernel's code for each then stays in the CPU's cache.
  for (const epoll_event& event : events) {
    Connection& connection = connections_[event.data.u64];
    if (connection.state == Connection::State::Failed) continue;
    if (connection.released > 0) released(connection, std::exchange(connection.released, 0));
    flush(connection);
  }
}

void SteadyWorker::handle(Connection& connection, uint32_t events) {
  if (connection.state == Connection::State::Failed) return;
  if (connection.state == Connection::State::Connecting) return finishConnect(connection, events);
  if ((events & ~uint32_t{EPOLLOUT}) != 0) {
    // An end that came together with the last bytes gives no edge of its own, so then the reading goes on
    // until it.
    const bool toTheEnd = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    int reads = 0;
    while (receive(connection) || (toTheEnd && connection.state != Connection::State::Failed && !drained_)) {
      if (++reads < kReadsPerTurn) continue;
      rearm(connection);
      break;
    }
  }
}

void SteadyWorker::finishConnect(Connection& connection, uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    const int error = pendingError(connection.socket.fd());
    return fail(connection, failureOf(error == 0 ? ECONNRESET : error, "connecting to", run_.target));
  }
  if ((events & EPOLLOUT) == 0) return;
  connection.state = Connection::State::Greeting;
  LiveCounters::add(live_.connected, 1);
  flush(connection);
  if (connection.state == Connection::State::Greeting && connection.wire->ready()) becomeReady(connection);
}

void SteadyWorker::becomeReady(Connection& connection) {
  connection.state = Connection::State::Ready;
  ++ready_;
}

/// Reads once. True when the socket may hold more and the connection is fine.
bool SteadyWorker::receive(Connection& connection) {
  const ssize_t count = recv(connection.socket.fd(), input_.data(), input_.size(), 0);
  drained_ = false;
  if (count < 0) {
    if (errno == EINTR) return true;
    drained_ = errno == EAGAIN;
    if (!drained_) fail(connection, failureOf(errno, "receiving from", run_.target));
    return false;
  }
  if (count == 0) {
    fail(connection, connection.wire->ended());
    return false;
  }
  const int64_t now = base::monotonicNs();
  passTime(now);
  LiveCounters::add(live_.bytes, static_cast<uint64_t>(count));
  Failure failure;
  const uint64_t before = connection.wire->answered();
  const bool fine = connection.wire->feed({input_.data(), static_cast<size_t>(count)}, failure);
  const uint64_t messages = connection.wire->answered() - before;
  if (connection.state == Connection::State::Greeting && connection.wire->ready()) becomeReady(connection);
  if (messages > 0) answered(connection, messages, now);
  if (!fine) {
    fail(connection, failure);
    return false;
  }
  connection.released += messages;
  return static_cast<size_t>(count) == input_.size();
}

void SteadyWorker::issue(Connection& connection, int64_t stamp, int64_t now) {
  connection.stamps.push(stamp);
  connection.wire->issue(1);
  ++tally_.sent;
  inFlight_.add(1, now, window_);
}

void SteadyWorker::flush(Connection& connection) {
  if (!connection.wire->hasUnsent()) return;
  const Transmitted result = transmit(connection.socket.fd(), *connection.wire, output_);
  if (result == Transmitted::Failed) return fail(connection, failureOf(errno, "sending to", run_.target));
  if (result == Transmitted::Blocked) rearm(connection);
}

void SteadyWorker::fail(Connection& connection, const Failure& failure) {
  if (betweenSlices_ && connection.state == Connection::State::Ready) return reopen(connection);
  const int64_t now = base::monotonicNs();
  passTime(now);
  uint64_t failed = connection.stamps.size();
  inFlight_.remove(failed, now, window_);
  // A connection that fails with nothing outstanding stands for one request that was attempted and failed.
  if (failed == 0) ++tally_.sent;
  countErrors(std::max<uint64_t>(failed, 1), failure, connection.wire->connection(),
              connection.wire->answered());
  lost(connection);
  if (connection.state != Connection::State::Connecting) LiveCounters::add(live_.connected, ~uint64_t{0});
  connection.state = Connection::State::Failed;
  connection.stamps = Stamps();
  connection.sendTimes = Stamps();
  connection.socket.close();
  // While draining, the others may still be answered or time out; before that the sample is lost anyway.
  if (now < window_.t1 || window_.t1 == 0) run_.stop();
}

void SteadyWorker::expire(int64_t now) {
  if (now < nextExpiry_) return;
  nextExpiry_ = now + std::clamp(job_.timeoutNs / 8, base::kMillisecondNs, 500 * base::kMillisecondNs);
  for (Connection& connection : connections_) {
    if (connection.stamps.empty() || connection.stamps.front() + job_.timeoutNs > now) continue;
    Stamps expired = connection.stamps;
    while (!expired.empty()) timedOut(expired.pop());
    fail(connection, {ErrorClass::TimedOut,
                      "no answer within " + std::to_string(job_.timeoutNs / base::kMillisecondNs) + " ms"});
  }
}

}  // namespace loadgen
