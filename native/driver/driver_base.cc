// Listeners, and the parts of a turn that do not depend on how the kernel reports what happened.
#include "driver_base.h"

#include <fcntl.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "../base/clock.h"
#include "tokens.h"

namespace driver {

/// How much input of a connection that is being closed is thrown away before it is cut off.
constexpr size_t kDiscardLimitBytes = 1024 * 1024;

DriverBase::DriverBase(Handler& handler, const Settings& settings, Slots slots)
    : handler_(handler),
      settings_(settings),
      slots_(std::move(slots)),
      nowNs_(base::monotonicNs()),
      reserve_(openReserve()) {}

uint32_t DriverBase::limitOf(const Settings& settings) {
  return std::min(settings.connectionLimit, kFirstListenerSlot);
}

base::Descriptor DriverBase::openReserve() {
  return base::Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

uint32_t DriverBase::listen(const ListenOptions& options) {
  Listener listener;
  if (!options.adoptsOnly) listener.socket = openListener(options);
  if (listener.open() && options.fd < 0 && !options.path.empty() && options.path[0] != '\0')
    listener.file = SocketFile::at(options.path);
  listener.idleTimeoutMs = options.idleTimeoutMs;
  const auto number = static_cast<uint32_t>(listeners_.size());
  listeners_.push_back(std::move(listener));
  try {
    if (!options.adoptsOnly) startAccepting(number);
  } catch (...) {
    // It is its owner's until it is accepted from.
    if (options.fd >= 0) listeners_.back().socket.release();
    listeners_.back().socket.close();
    listeners_.back().file.remove();
    listeners_.pop_back();
    throw;
  }
  noteIdleTimeout(int64_t{options.idleTimeoutMs} * base::kMillisecondNs);
  return number;
}

uint32_t DriverBase::closeListener(uint32_t number) {
  if (!listeners_[number].open()) return std::exchange(listeners_[number], Listener()).opened;
  if (listeners_[number].resumeAtNs != 0) --backingOff_;
  listeners_[number].resumeAtNs = 0;
  std::exception_ptr failure;
  try {
    endAccepting(number);
    if (!dropping_) openWaiting(number);
  } catch (...) {
    failure = std::current_exception();
  }
  Listener closed = std::exchange(listeners_[number], Listener());
  closed.socket.close();
  closed.file.remove();
  if (failure != nullptr) std::rethrow_exception(failure);
  return closed.opened;
}

bool DriverBase::takeWake() { return std::exchange(woken_, false); }

void DriverBase::beginBatch() {
  readyNow_.swap(ready_);
  if (putOff_.empty()) return;
  readyNow_.insert(readyNow_.begin(), putOff_.begin(), putOff_.end());
  putOff_.clear();
  serveReadyList();
}

void DriverBase::endBatch() {
  if (!readyNow_.empty()) serveReadyList();
  if (backingOff_ > 0) resumeListeners();
  if (nextCheckNs_ != 0 && nowNs_ >= nextCheckNs_) checkDeadlines();
  handler_.batchEnded();
}

int64_t DriverBase::boundedTimeout(int64_t timeoutNs) const {
  if (!ready_.empty() || !putOff_.empty()) return 0;
  if (timeoutNs == 0) return 0;
  int64_t dueNs = nextCheckNs_;
  if (backingOff_ > 0)
    for (const Listener& listener : listeners_)
      if (listener.resumeAtNs != 0 && (dueNs == 0 || listener.resumeAtNs < dueNs))
        dueNs = listener.resumeAtNs;
  if (dueNs == 0) return timeoutNs;
  const int64_t leftNs = std::max<int64_t>(dueNs - base::monotonicNs(), 0);
  return timeoutNs < 0 ? leftNs : std::min(timeoutNs, leftNs);
}

void DriverBase::serveReadyList() {
  for (const Token token : readyNow_) {
    if (Connection* connection = slots_.find(token)) {
      // A connection that was read since it was listed is not read twice in a turn.
      if (!connection->inReadyList) continue;
      connection->inReadyList = false;
      if (!connection->paused && !connection->inputEnded) readOn(*connection);
    } else if (isListener(token) && listeners_[listenerOf(token)].inReadyList) {
      acceptOn(listenerOf(token));
    } else if (isDatagrams(token) && datagrams_[datagramsOf(token)]->inReadyList) {
      receiveDatagrams(datagramsOf(token));
    }
  }
  readyNow_.clear();
}

void DriverBase::settle() {
  // An update can fail, and then closes the connection: the lists may grow while they are worked off.
  for (size_t i = 0; i < dirty_.size(); ++i) {
    if (Connection* connection = slots_.find(dirty_[i])) {
      connection->inDirtyList = false;
      update(*connection);
    }
  }
  dirty_.clear();
  for (const uint32_t slot : closed_) slots_.release(slots_.at(slot));
  closed_.clear();
}

/// Returns false when the connection was closed because its peer does not stop sending.
bool DriverBase::discard(Connection& connection, size_t count) {
  connection.inPassage().discardedBytes += count;
  if (connection.passage->discardedBytes <= kDiscardLimitBytes) return true;
  closeNow(connection, 0);
  return false;
}

void DriverBase::endOfInput(Connection& connection) {
  const Token token = connection.token();
  connection.inputEnded = true;
  makeDirty(connection);
  if (connection.finSent) return closeNow(connection, 0);
  if (!connection.discarding) handler_.ended(token);
}

/// All queued bytes are with the kernel; what waited for that follows.
void DriverBase::queueEmptied(Connection& connection) {
  if (connection.finishing) return finishNow(connection);
  if (!connection.wantsDrain) return;
  connection.wantsDrain = false;
  handler_.drained(connection.token());
}

void DriverBase::makeDirty(Connection& connection) {
  if (connection.inDirtyList) return;
  connection.inDirtyList = true;
  dirty_.push_back(connection.token());
}

void DriverBase::makeReady(Connection& connection) {
  if (connection.inReadyList) return;
  connection.inReadyList = true;
  ready_.push_back(connection.token());
}

void DriverBase::putOff(Connection& connection) {
  if (connection.inReadyList) return;
  connection.inReadyList = true;
  putOff_.push_back(connection.token());
}

void DriverBase::makeReady(uint32_t number) {
  if (listeners_[number].inReadyList) return;
  listeners_[number].inReadyList = true;
  ready_.push_back(listenerToken(number));
}

}  // namespace driver
