// The churn loop; see churn.h.
#include "churn.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "../base/clock.h"

namespace loadgen {

namespace {

constexpr int64_t kPauseNs = 10 * base::kMillisecondNs;
constexpr int kErrorsInARow = 1000;

/// Source address number n of a pool of 1000 in 127.1.0.0/16. One source address has about 28,000 ports, and
/// a port that closed first waits a minute in TIME_WAIT, so one address would run dry within seconds.
in_addr sourceAddress(uint32_t n) {
  const uint32_t position = n % 1000;
  return {htonl(0x7f010000U | (1 + position / 250) << 8 | (1 + position % 250))};
}

}  // namespace

ChurnWorker::ChurnWorker(Run& run, int index)
    : Worker(run, index),
      slots_(static_cast<size_t>(connectionsOfThread())),
      spreadSources_(ntohl(run.target.sin_addr.s_addr) >> 24 == 127) {}

void ChurnWorker::load() {
  connect_ = &tally_.stages["connect"];
  firstByte_ = &tally_.stages["firstByte"];
  close_ = &tally_.stages["close"];
  for (Slot& slot : slots_) begin(slot);
  for (int64_t now = base::monotonicNs(); !run_.stopped(); now = base::monotonicNs()) {
    passTime(now);
    if (now >= window_.t1 && inFlight_.now() == 0) break;
    resumePaused(now);
    for (const epoll_event& event : wait(paused_ > 0 ? kPauseNs : kUntilTick))
      handle(slots_[event.data.u64], event.events);
    expire(base::monotonicNs());
  }
}

void ChurnWorker::begin(Slot& slot) {
  slot.begun = base::monotonicNs();
  slot.state = State::Free;
  if (slot.begun >= window_.t1 || run_.stopped()) return;
  const uint32_t connection = connectionId(ordinal_++);
  slot.wire = run_.wires->make(run_.pattern, connection);
  slot.state = State::Connecting;
  slot.firstByte = 0;
  ++tally_.sent;
  inFlight_.add(1, slot.begun, window_);
  const in_addr source = sourceAddress(connection);
  Failure failure;
  slot.socket = startConnect(run_.target, spreadSources_ ? &source : nullptr, failure);
  if (!slot.socket.open()) return fail(slot, failure);
  if (slot.wire->ready()) slot.wire->issue(1);
  sendFirst(slot, base::monotonicNs());
}

/// Loopback connects before connect() returns, though it says that it is in progress. Sending at once finds
/// out, and saves a wait and a system call for each connection.
void ChurnWorker::sendFirst(Slot& slot, int64_t now) {
  const Transmitted result = transmit(slot.socket.fd(), *slot.wire, output_);
  if (result == Transmitted::Failed) return fail(slot, failureOf(errno, "connecting to", run_.target));
  if (result == Transmitted::All || isConnected(slot.socket.fd())) talk(slot, now);
  slot.wantsWritable = result == Transmitted::Blocked;
  watch(EPOLL_CTL_ADD, slot.socket.fd(), slot.wantsWritable ? EPOLLIN | EPOLLOUT : EPOLLIN,
        static_cast<uint64_t>(&slot - slots_.data()));
}

void ChurnWorker::talk(Slot& slot, int64_t now) {
  slot.connected = now;
  slot.state = State::Talking;
  LiveCounters::add(live_.connected, 1);
}

// A slot that closes and opens again while events are handled may get the same descriptor number. No event of
// the old socket can follow, because one wait reports a descriptor once.
void ChurnWorker::handle(Slot& slot, uint32_t events) {
  if (slot.state == State::Connecting) return finishConnect(slot, events);
  if ((events & ~uint32_t{EPOLLOUT}) != 0) return receive(slot);
  flush(slot);
}

void ChurnWorker::finishConnect(Slot& slot, uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    const int error = pendingError(slot.socket.fd());
    return fail(slot, failureOf(error == 0 ? ECONNRESET : error, "connecting to", run_.target));
  }
  talk(slot, base::monotonicNs());
  flush(slot);
}

void ChurnWorker::flush(Slot& slot) {
  const Transmitted result = transmit(slot.socket.fd(), *slot.wire, output_);
  if (result == Transmitted::Failed) return fail(slot, failureOf(errno, "sending to", run_.target));
  const bool blocked = result == Transmitted::Blocked;
  if (blocked == slot.wantsWritable) return;
  slot.wantsWritable = blocked;
  watch(EPOLL_CTL_MOD, slot.socket.fd(), blocked ? EPOLLIN | EPOLLOUT : EPOLLIN,
        static_cast<uint64_t>(&slot - slots_.data()));
}

void ChurnWorker::receive(Slot& slot) {
  const ssize_t count = recv(slot.socket.fd(), input_.data(), input_.size(), 0);
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    return fail(slot, failureOf(errno, "receiving from", run_.target));
  }
  const int64_t now = base::monotonicNs();
  passTime(now);
  if (count == 0) {
    if (slot.state == State::Talking) return fail(slot, slot.wire->ended());
    slot.socket.close();
    return succeed(slot, now);
  }
  LiveCounters::add(live_.bytes, static_cast<uint64_t>(count));
  if (slot.firstByte == 0) slot.firstByte = now;
  Failure failure;
  if (!slot.wire->feed({input_.data(), static_cast<size_t>(count)}, failure)) {
    // A WebSocket server may say goodbye in words while the connection is being closed.
    const bool goodbye = slot.state == State::Closing && failure.kind == ErrorClass::ClosedEarly;
    if (!goodbye) fail(slot, failure);
    return;
  }
  if (slot.state == State::Closing) return;
  if (slot.wire->answered() == 1) return close(slot, now);
  if (slot.wire->ready() && slot.wire->issued() == 0) slot.wire->issue(1);
  flush(slot);
}

void ChurnWorker::close(Slot& slot, int64_t now) {
  slot.closing = now;
  slot.state = State::Closing;
  if (job_.closeMode == CloseMode::Rst) {
    base::makeCloseReset(slot.socket.fd());
    slot.socket.close();
    return succeed(slot, base::monotonicNs());
  }
  if (shutdown(slot.socket.fd(), SHUT_WR) != 0)
    fail(slot, failureOf(errno, "shutting down the connection to", run_.target));
}

void ChurnWorker::succeed(Slot& slot, int64_t now) {
  LiveCounters::add(live_.connected, ~uint64_t{0});
  errorsInARow_ = 0;
  inFlight_.remove(1, now, window_);
  countOk(1, now);
  if (window_.contains(now)) {
    tally_.latency.record(now - slot.begun);
    connect_->record(slot.connected - slot.begun);
    firstByte_->record(slot.firstByte - slot.connected);
    close_->record(now - slot.closing);
  }
  begin(slot);
}

void ChurnWorker::fail(Slot& slot, const Failure& failure) {
  const int64_t now = base::monotonicNs();
  if (slot.state != State::Connecting) LiveCounters::add(live_.connected, ~uint64_t{0});
  slot.socket.close();
  inFlight_.remove(1, now, window_);
  countErrors(1, failure, slot.wire->connection(), slot.wire->answered());
  slot.state = State::Paused;
  slot.resumeAt = now + kPauseNs;
  ++paused_;
  if (++errorsInARow_ >= kErrorsInARow) run_.stop();
}

void ChurnWorker::resumePaused(int64_t now) {
  if (paused_ == 0) return;
  for (Slot& slot : slots_) {
    if (slot.state != State::Paused || slot.resumeAt > now) continue;
    --paused_;
    begin(slot);
  }
}

void ChurnWorker::expire(int64_t now) {
  if (now < nextExpiry_) return;
  nextExpiry_ = now + std::clamp(job_.timeoutNs / 8, base::kMillisecondNs, 500 * base::kMillisecondNs);
  for (Slot& slot : slots_) {
    if (slot.state == State::Free || slot.state == State::Paused || slot.begun + job_.timeoutNs > now)
      continue;
    const char* step = slot.state == State::Connecting ? "connecting"
                       : slot.state == State::Talking  ? "waiting for the answer"
                                                       : "waiting for the server to close";
    fail(slot,
         {ErrorClass::TimedOut, std::string("timed out after ") +
                                    std::to_string(job_.timeoutNs / base::kMillisecondNs) + " ms " + step});
  }
}

}  // namespace loadgen
