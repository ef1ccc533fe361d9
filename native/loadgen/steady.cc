// Connections that live as long as the run: opening them, sending, receiving, and failing.
#include "steady.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "clock.h"

namespace loadgen {

void SteadyWorker::prepare() {
  // More at once would overflow the listen queue of many servers, and a lost SYN costs a second.
  constexpr size_t kOpening = 64;
  connections_.resize(static_cast<size_t>(connectionsOfThread()));
  const int64_t deadline = monotonicNs() + job_.timeoutNs;
  while (ready_ < connections_.size() && !run_.stopped()) {
    while (opened_ < connections_.size() && opened_ - ready_ < kOpening && !run_.stopped()) {
      open(connections_[opened_], opened_);
      ++opened_;
    }
    turn(kPatienceNs);
    if (monotonicNs() < deadline || ready_ == connections_.size()) continue;
    for (Connection& connection : connections_) {
      if (!connection.socket.open()) continue;
      if (connection.state == Connection::State::Connecting)
        fail(connection, failureOf(ETIMEDOUT, "connecting to", run_.target));
      else if (connection.state == Connection::State::Greeting)
        fail(connection, {ErrorClass::TimedOut, "the handshake was not answered in time"});
    }
    run_.stop();
  }
}

void SteadyWorker::open(Connection& connection, size_t ordinal) {
  connection.wire = run_.wires->make(run_.pattern, connectionId(ordinal));
  Failure failure;
  connection.socket = startConnect(run_.target, nullptr, failure);
  if (!connection.socket.open()) return fail(connection, failure);
  watch(EPOLL_CTL_ADD, connection.socket.fd(), EPOLLIN | EPOLLOUT, indexOf(connection));
}

void SteadyWorker::turn(int64_t timeoutNs) {
  for (const epoll_event& event : wait(timeoutNs)) handle(connections_[event.data.u64], event.events);
}

void SteadyWorker::handle(Connection& connection, uint32_t events) {
  if (connection.state == Connection::State::Failed) return;
  if (connection.state == Connection::State::Connecting) return finishConnect(connection, events);
  if ((events & ~uint32_t{EPOLLOUT}) != 0) receive(connection);
  if (connection.state != Connection::State::Failed) flush(connection);
}

void SteadyWorker::finishConnect(Connection& connection, uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    const int error = pendingError(connection.socket.fd());
    return fail(connection, failureOf(error == 0 ? ECONNRESET : error, "connecting to", run_.target));
  }
  if ((events & EPOLLOUT) == 0) return;
  connection.wantsWritable = true;
  connection.state = Connection::State::Greeting;
  LiveCounters::add(live_.connected, 1);
  flush(connection);
  if (connection.state == Connection::State::Greeting && connection.wire->ready()) becomeReady(connection);
}

void SteadyWorker::becomeReady(Connection& connection) {
  connection.state = Connection::State::Ready;
  ++ready_;
}

void SteadyWorker::receive(Connection& connection) {
  const ssize_t count = recv(connection.socket.fd(), input_.data(), input_.size(), 0);
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    return fail(connection, failureOf(errno, "receiving from", run_.target));
  }
  if (count == 0) return fail(connection, connection.wire->ended());
  const int64_t now = monotonicNs();
  passTime(now);
  LiveCounters::add(live_.bytes, static_cast<uint64_t>(count));
  Failure failure;
  const uint64_t before = connection.wire->answered();
  const bool fine = connection.wire->feed({input_.data(), static_cast<size_t>(count)}, failure);
  const uint64_t messages = connection.wire->answered() - before;
  if (connection.state == Connection::State::Greeting && connection.wire->ready()) becomeReady(connection);
  if (messages > 0) answered(connection, messages, now);
  if (!fine) return fail(connection, failure);
  if (messages > 0) released(connection, messages);
}

void SteadyWorker::issue(Connection& connection, int64_t stamp, int64_t now) {
  connection.stamps.push(stamp);
  connection.wire->issue(1);
  ++tally_.sent;
  inFlight_.add(1, now, window_);
}

void SteadyWorker::flush(Connection& connection) {
  if (!connection.wire->hasUnsent() && !connection.wantsWritable) return;
  const Transmitted result = transmit(connection.socket.fd(), *connection.wire, output_);
  if (result == Transmitted::Failed) return fail(connection, failureOf(errno, "sending to", run_.target));
  const bool blocked = result == Transmitted::Blocked;
  if (blocked == connection.wantsWritable) return;
  connection.wantsWritable = blocked;
  watch(EPOLL_CTL_MOD, connection.socket.fd(), blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, indexOf(connection));
}

void SteadyWorker::fail(Connection& connection, const Failure& failure) {
  const int64_t now = monotonicNs();
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
  connection.socket.close();
  // While draining, the others may still be answered or time out; before that the sample is lost anyway.
  if (now < window_.t1 || window_.t1 == 0) run_.stop();
}

void SteadyWorker::expire(int64_t now) {
  if (now < nextExpiry_) return;
  nextExpiry_ = now + std::clamp(job_.timeoutNs / 8, kMillisecondNs, 500 * kMillisecondNs);
  for (Connection& connection : connections_) {
    if (connection.stamps.empty() || connection.stamps.front() + job_.timeoutNs > now) continue;
    Stamps expired = connection.stamps;
    while (!expired.empty()) timedOut(expired.pop());
    fail(connection, {ErrorClass::TimedOut,
                      "no answer within " + std::to_string(job_.timeoutNs / kMillisecondNs) + " ms"});
  }
}

}  // namespace loadgen
