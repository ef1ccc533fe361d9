// The open loop; see open.h.
#include "open.h"

#include <algorithm>

#include "../base/clock.h"

namespace loadgen {

OpenWorker::OpenWorker(Run& run, int index)
    : SteadyWorker(run, index),
      schedule_(job_.arrivals, job_.ratePerSecond, job_.seed, number(), run.allThreads) {}

void OpenWorker::load() {
  sendLag_ = &tally_.stages["sendLag"];
  fromSend_ = &tally_.stages["fromSend"];
  schedule_ = Schedule(job_.arrivals, job_.ratePerSecond, run_.seed, number(), run_.allThreads);
  idle_ = busy_ = List();
  for (Connection& connection : connections_) append(idle_, connection);
  due_ = window_.start + schedule_.next();
  // What fell due in the window is sent, however late: to leave it out when nothing is outstanding would
  // forgive the very requests that were kept waiting.
  for (;;) {
    const int64_t now = base::monotonicNs();
    // Another thread may have put off the end, and then this one has more to send.
    passTime(now);
    if (done(now) && !canIssue()) break;
    issueDue(now);
    if (run_.stopped()) break;
    turn(job_.spin && now < window_.t1 ? 0 : patience());
    expire(now);
  }
  // What could not be issued counts as scheduled, so that it is missed.
  for (; due_ < window_.t1; due_ = window_.start + schedule_.next())
    if (window_.contains(due_)) ++tally_.scheduled;
  due_ = 0;
}

/// Whether a request of the window is left, and a connection to send it on.
bool OpenWorker::canIssue() const {
  return !run_.stopped() && due_ < window_.t1 && (idle_.first >= 0 || busy_.first >= 0);
}

/// How long to sleep when not spinning: until the next request falls due, or the window may end.
int64_t OpenWorker::patience() const {
  if (isPastEnd()) return canIssue() ? 0 : kUntilTick;
  return std::max<int64_t>(0, std::min(due_, window_.t1) - base::monotonicNs());
}

void OpenWorker::issueDue(int64_t now) {
  constexpr int kBatch = 64;
  for (int i = 0; i < kBatch && due_ <= now && due_ < window_.t1; ++i) {
    Connection* connection = idle_.first >= 0   ? &connections_[static_cast<size_t>(idle_.first)]
                             : busy_.first >= 0 ? &connections_[static_cast<size_t>(busy_.first)]
                                                : nullptr;
    if (connection == nullptr) return;
    remove(connection->stamps.empty() ? idle_ : busy_, *connection);
    append(busy_, *connection);
    const int64_t stamp = base::monotonicNs();
    issue(*connection, due_, stamp);
    connection->sendTimes.push(stamp);
    if (window_.contains(due_)) {
      ++tally_.scheduled;
      sendLag_->record(stamp - due_);
      if (stamp < window_.t1) ++tally_.sentInWindow;
    }
    due_ = window_.start + schedule_.next();
    flush(*connection);
  }
}

/// A burst of answers takes longer to read than a request may be late. Connections come up before the clock
/// starts, so nothing is due then.
void OpenWorker::between() {
  if (due_ == 0) return;
  const int64_t now = base::monotonicNs();
  if (due_ <= now) issueDue(now);
}

void OpenWorker::answered(Connection& connection, uint64_t messages, int64_t now) {
  settle(connection, messages, now, [&](int64_t due) {
    const int64_t sent = connection.sendTimes.pop();
    if (!window_.contains(due)) return;
    tally_.latency.record(now - due);
    fromSend_->record(now - sent);
  });
  if (!connection.stamps.empty()) return;
  remove(busy_, connection);
  append(idle_, connection);
}

void OpenWorker::timedOut(int64_t due) {
  if (!window_.contains(due)) return;
  tally_.latency.record(job_.timeoutNs);
  fromSend_->record(job_.timeoutNs);
}

void OpenWorker::lost(Connection& connection) {
  remove(connection.stamps.empty() ? idle_ : busy_, connection);
}

/// A request that is as late as the time-out allows ends the load anyway.
bool OpenWorker::isStalled(int64_t now) const {
  return std::ranges::any_of(connections_, [&](const Connection& connection) {
    if (connection.stamps.empty()) return false;
    const int64_t age = now - connection.stamps.front();
    return age >= run_.stallNs && age < job_.timeoutNs;
  });
}

void OpenWorker::append(List& list, Connection& connection) {
  const auto index = static_cast<int32_t>(&connection - connections_.data());
  connection.previous = list.last;
  connection.next = -1;
  (list.last >= 0 ? connections_[static_cast<size_t>(list.last)].next : list.first) = index;
  list.last = index;
}

void OpenWorker::remove(List& list, Connection& connection) {
  (connection.previous >= 0 ? connections_[static_cast<size_t>(connection.previous)].next : list.first) =
      connection.next;
  (connection.next >= 0 ? connections_[static_cast<size_t>(connection.next)].previous : list.last) =
      connection.previous;
}

}  // namespace loadgen
