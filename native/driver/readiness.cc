// One turn of the driver: wait, serve the events, end the batch, settle.
#include "readiness.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "clock.h"
#include "tokens.h"

namespace driver {

using multiplexer::kClosed;
using multiplexer::kReadable;
using multiplexer::kWritable;

constexpr size_t kEventsPerWait = 1024;

Readiness::Readiness(const multiplexer::Kind& kind, Handler& handler, const Settings& settings)
    : kind_(kind),
      multiplexer_(kind.make()),
      handler_(handler),
      settings_(settings),
      slots_(std::min(settings.connectionLimit, kFirstListenerSlot)),
      events_(kEventsPerWait),
      nowNs_(monotonicNs()),
      reserveFd_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

Readiness::~Readiness() {
  dropAll();
  if (reserveFd_ >= 0) ::close(reserveFd_);
}

void Readiness::dropAll() {
  for (uint32_t listener = 0; listener < listeners_.size(); ++listener) closeListener(listener);
  for (uint32_t slot = 0; slot < slots_.size(); ++slot) {
    Connection& connection = slots_.at(slot);
    if (!connection.open()) continue;
    if (connection.watched) unwatch(connection.fd);
    ::close(connection.fd);
    connection.fd = -1;
  }
}

uint32_t Readiness::listen(const ListenOptions& options) {
  const int fd = openListener(options);
  const auto number = static_cast<uint32_t>(listeners_.size());
  try {
    multiplexer_->add(fd, kReadable, listenerToken(number));
  } catch (...) {
    ::close(fd);
    throw;
  }
  Listener listener;
  listener.fd = fd;
  listener.idleTimeoutNs = options.idleTimeoutNs;
  listeners_.push_back(listener);
  noteIdleTimeout(options.idleTimeoutNs);
  return number;
}

void Readiness::closeListener(uint32_t number) {
  Listener& listener = listeners_[number];
  if (!listener.open()) return;
  if (listener.resumeAtNs != 0) --resting_;
  unwatch(listener.fd);
  ::close(listener.fd);
  listener = Listener();
}

void Readiness::watchWake(int fd) {
  multiplexer_->add(fd, kReadable, kWakeToken);
  wakeFd_ = fd;
}

/// The owner may have left part of what made its descriptor ready, and no new edge would tell of that.
void Readiness::rearmWake() {
  wakeUsedUp_ = false;
  multiplexer_->modify(wakeFd_, kReadable, kWakeToken);
}

bool Readiness::takeWake() {
  const bool woken = woken_;
  woken_ = false;
  return woken;
}

void Readiness::turn(int64_t timeoutNs) {
  if (wakeUsedUp_) rearmWake();
  timeoutNs = boundedTimeout(timeoutNs);
  const int64_t startedNs = monotonicNs();
  const size_t count = multiplexer_->wait(events_, timeoutNs);
  nowNs_ = monotonicNs();
  counters_.timeInWaitNs += static_cast<uint64_t>(nowNs_ - startedNs);
  slabUsed_ = 0;
  // What becomes ready for a second helping while events are served gets it in the next turn.
  readyNow_.swap(ready_);
  for (size_t i = 0; i < count; ++i) serve(events_[i]);
  if (!readyNow_.empty()) serveReadyList();
  if (resting_ > 0) resumeListeners();
  if (nextCheckNs_ != 0 && nowNs_ >= nextCheckNs_) checkDeadlines();
  handler_.batchEnded();
  settle();
}

int64_t Readiness::boundedTimeout(int64_t timeoutNs) const {
  if (!ready_.empty()) return 0;
  if (timeoutNs == 0) return 0;
  int64_t dueNs = nextCheckNs_;
  if (resting_ > 0)
    for (const Listener& listener : listeners_)
      if (listener.resumeAtNs != 0 && (dueNs == 0 || listener.resumeAtNs < dueNs))
        dueNs = listener.resumeAtNs;
  if (dueNs == 0) return timeoutNs;
  const int64_t leftNs = std::max<int64_t>(dueNs - monotonicNs(), 0);
  return timeoutNs < 0 ? leftNs : std::min(timeoutNs, leftNs);
}

void Readiness::serve(const multiplexer::Event& event) {
  if (Connection* connection = slots_.find(event.token)) {
    serveConnection(*connection, event.readiness);
  } else if (event.token == kWakeToken) {
    woken_ = true;
    wakeUsedUp_ = kind_.edgeTriggered;
  } else if (isListener(event.token) && listeners_[listenerOf(event.token)].open()) {
    accept(listenerOf(event.token));
  } else {
    ++counters_.staleDrops;
  }
}

void Readiness::serveConnection(Connection& connection, multiplexer::Readiness readiness) {
  if (connection.connecting) return serveConnecting(connection);
  const Token token = connection.token();
  if ((readiness & kWritable) != 0 && !connection.queue.empty()) flush(connection);
  if ((readiness & kReadable) != 0 && slots_.find(token) && !connection.inputEnded && !connection.paused)
    receive(connection);
  if ((readiness & kClosed) == 0 || !slots_.find(token)) return;
  if (connection.inputEnded) {
    // Both directions are over although no FIN was sent: the peer reset the connection.
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &length);
    closeNow(connection, error);
  } else if (connection.paused && connection.queue.empty()) {
    // A hang-up is reported whatever the interest. Unread data must not be lost, so it waits for `resume`,
    // unwatched.
    multiplexer_->remove(connection.fd);
    connection.watched = false;
  }
}

void Readiness::serveReadyList() {
  for (const Token token : readyNow_) {
    if (Connection* connection = slots_.find(token)) {
      // A connection that was read since it was listed is not read twice in a turn.
      if (!connection->inReadyList) continue;
      connection->inReadyList = false;
      if (!connection->paused && !connection->inputEnded) receive(*connection);
    } else if (isListener(token) && listeners_[listenerOf(token)].inReadyList) {
      accept(listenerOf(token));
    }
  }
  readyNow_.clear();
}

void Readiness::settle() {
  // Telling the multiplexer can fail, and then closes the connection: the lists may grow while they are
  // worked off.
  for (size_t i = 0; i < dirty_.size(); ++i)
    if (Connection* connection = slots_.find(dirty_[i])) update(*connection);
  dirty_.clear();
  for (const uint32_t slot : closed_) slots_.release(slots_.at(slot));
  closed_.clear();
}

void Readiness::update(Connection& connection) {
  connection.inDirtyList = false;
  multiplexer::Readiness wanted = 0;
  if (!connection.inputEnded && !connection.paused) wanted |= kReadable;
  if (!connection.queue.empty()) wanted |= kWritable;
  if (connection.watched && wanted == connection.interest) return;
  try {
    if (connection.watched)
      multiplexer_->modify(connection.fd, wanted, connection.token());
    else if (wanted != 0)
      multiplexer_->add(connection.fd, wanted, connection.token());
    else
      return;
    connection.watched = true;
    connection.interest = wanted;
  } catch (const std::system_error& error) {
    closeNow(connection, error.code().value());
  }
}

}  // namespace driver
