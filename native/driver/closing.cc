// The ends of connections, and the commands that lead there.
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "../base/clock.h"
#include "../base/descriptor.h"
#include "driver_base.h"

namespace driver {

/// How long a closed connection waits for the peer before it is cut off: for it to take more of the queue,
/// and then for its FIN.
constexpr int64_t kLingerNs = 2'000'000'000;
constexpr int64_t kShortestCheckNs = 10'000'000;
constexpr int64_t kLongestCheckNs = 500'000'000;

Connection* DriverBase::need(Token token) {
  Connection* const connection = slots_.find(token);
  if (connection == nullptr) ++counters_.staleDrops;
  return connection;
}

void DriverBase::finish(Token token) {
  Connection* const connection = need(token);
  if (connection == nullptr || connection->finishing) return;
  connection->finishing = true;
  if (connection->queue.empty()) finishNow(*connection);
}

void DriverBase::finishNow(Connection& connection) {
  // With the input at its end, closing sends the FIN, and there is nothing left to read that would turn it
  // into RST.
  if (connection.inputEnded) return closeNow(connection, 0);
  // A reset that nobody has read yet leaves the socket unconnected.
  if (::shutdown(connection.fd, SHUT_WR) != 0)
    return closeNow(connection, errno == ENOTCONN ? ECONNRESET : errno);
  connection.finSent = true;
  if (connection.discarding) startLingering(connection);
}

void DriverBase::startLingering(Connection& connection) {
  Passage& passage = connection.inPassage();
  if (passage.lingerUntilNs == 0) ++lingering_;
  passage.lingerUntilNs = base::monotonicNs() + kLingerNs;
  if (!connection.finSent) passage.untakenAtLinger = untakenBytes(connection);
  scheduleCheck();
}

/// What the peer's kernel has not acknowledged. The queue alone does not show it, because a slow reader's
/// megabytes in the kernel can take longer than the limit.
size_t DriverBase::untakenBytes(const Connection& connection) {
  int unacknowledged = 0;
  const size_t queued = unsentBytes(connection.token());
  if (ioctl(connection.fd, SIOCOUTQ, &unacknowledged) != 0) return queued;
  return queued + static_cast<size_t>(unacknowledged);
}

/// The time of a closed connection is up, unless its queue has moved meanwhile.
void DriverBase::lingerOver(Connection& connection) {
  if (connection.finSent) return closeNow(connection, 0);
  if (untakenBytes(connection) < connection.passage->untakenAtLinger) return startLingering(connection);
  // A FIN would mean to the peer that it has everything.
  abort(connection);
  closeNow(connection, ETIMEDOUT);
}

/// Nothing was sent or received for the time of the connection, unless its peer takes what is on its way,
/// which causes no event while the kernel's buffer is full.
void DriverBase::idleOver(Connection& connection) {
  const size_t untaken = untakenBytes(connection);
  if (untaken > 0 && std::exchange(connection.inPassage().untakenAtIdle, untaken) != untaken) {
    connection.lastActiveNs = nowNs_;
    return;
  }
  // A FIN would mean to the peer that it has everything.
  if (unsentBytes(connection.token()) > 0) abort(connection);
  closeNow(connection, ETIMEDOUT);
}

void DriverBase::close(Token token) {
  Connection* const connection = need(token);
  if (connection == nullptr || connection->discarding) return;
  if (connection->connecting) return closeNow(*connection, 0);
  connection->discarding = true;
  connection->wantsDrain = false;
  if (connection->paused) {
    connection->paused = false;
    makeDirty(*connection);
    makeReady(*connection);
  }
  if (connection->finSent) {
    finishNow(*connection);
    return;
  }
  finish(token);
  if (connection->open() && !connection->finSent) startLingering(*connection);
}

void DriverBase::reset(Token token) {
  Connection* const connection = need(token);
  if (connection == nullptr) return;
  abort(*connection);
  closeNow(*connection, 0);
}

/// Closing the descriptor then sends RST.
void DriverBase::abort(const Connection& connection) { base::makeCloseReset(connection.fd); }

void DriverBase::pause(Token token) {
  Connection* const connection = need(token);
  if (connection == nullptr || connection->paused || connection->discarding) return;
  connection->paused = true;
  makeDirty(*connection);
}

void DriverBase::resume(Token token) {
  Connection* const connection = need(token);
  if (connection == nullptr || !connection->paused) return;
  connection->paused = false;
  makeDirty(*connection);
  resumed(*connection);
}

void DriverBase::wantDrain(Token token) {
  Connection* const connection = need(token);
  if (connection == nullptr || connection->finishing) return;
  publish(*connection, unsentBytes(token));
  if (connection->queue.empty())
    handler_.drained(token);
  else
    connection->wantsDrain = true;
}

size_t DriverBase::unsentBytes(Token token) {
  const Connection* const connection = slots_.find(token);
  return connection == nullptr ? 0 : connection->queue.size();
}

void DriverBase::closeNow(Connection& connection, int error) {
  const int fd = std::exchange(connection.fd, -1);
  if (connection.lingerUntilNs() != 0) --lingering_;
  letGo(connection, fd);
  handler_.closed(connection.token(), error);
}

/// The slot is freed at the end of the batch, so that late events are still recognised by its
/// generation.
void DriverBase::freeLater(Connection& connection) {
  connection.queue.clear();
  closed_.push_back(connection.slot);
}

void DriverBase::noteIdleTimeout(int64_t idleTimeoutNs) {
  if (idleTimeoutNs > 0 && (shortestIdleTimeoutNs_ == 0 || idleTimeoutNs < shortestIdleTimeoutNs_))
    shortestIdleTimeoutNs_ = idleTimeoutNs;
}

void DriverBase::scheduleCheck() {
  int64_t periodNs = kLongestCheckNs;
  if (shortestIdleTimeoutNs_ > 0)
    periodNs = std::clamp(shortestIdleTimeoutNs_ / 4, kShortestCheckNs, kLongestCheckNs);
  checkBy(nowNs_ + periodNs);
}

void DriverBase::checkBy(int64_t dueNs) {
  if (nextCheckNs_ == 0 || dueNs < nextCheckNs_) nextCheckNs_ = dueNs;
}

/// Looks at every connection, which is cheap next to the seconds that these limits last, and needs no other
/// structure.
void DriverBase::checkDeadlines() {
  nextCheckNs_ = 0;
  bool again = lingering_ > 0;
  int64_t connectUntilNs = 0;
  std::vector<std::pair<int64_t, uint32_t>> overdue;
  for (uint32_t slot = 0; slot < slots_.size(); ++slot) {
    Connection& connection = slots_.at(slot);
    if (!connection.open()) continue;
    if (connection.connecting) {
      const int64_t untilNs = connection.passage->connectUntilNs;
      if (untilNs == 0) continue;
      if (nowNs_ >= untilNs)
        overdue.emplace_back(untilNs, slot);
      else if (connectUntilNs == 0 || untilNs < connectUntilNs)
        connectUntilNs = untilNs;
    } else if (connection.lingerUntilNs() != 0) {
      if (nowNs_ >= connection.lingerUntilNs()) lingerOver(connection);
    } else if (connection.idleTimeoutMs > 0) {
      again = true;
      if (nowNs_ - connection.lastActiveNs >= connection.idleTimeoutNs()) idleOver(connection);
    }
  }
  // In the order of their limits, of which a process that was kept from its CPU may have missed several.
  std::ranges::sort(overdue);
  for (const auto& [untilNs, slot] : overdue)
    if (slots_.at(slot).open()) closeNow(slots_.at(slot), ETIMEDOUT);
  if (again) scheduleCheck();
  // Many attempts with limits of their own share a check, because each looks at every connection.
  if (connectUntilNs != 0) checkBy(std::max(connectUntilNs, nowNs_ + kShortestCheckNs));
}

}  // namespace driver
