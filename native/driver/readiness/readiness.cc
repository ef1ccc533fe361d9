// One turn of the readiness driver: wait, serve the events, end the batch, settle.
#include "readiness.h"

#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <utility>

#include "../../base/clock.h"
#include "../../base/error.h"
#include "../tokens.h"

namespace driver {

using multiplexer::kClosed;
using multiplexer::kEnded;
using multiplexer::kReadable;
using multiplexer::kWritable;

constexpr size_t kEventsPerWait = 1024;

ReadinessDriver::ReadinessDriver(const multiplexer::Kind& kind, Handler& handler, const Settings& settings)
    : DriverBase(handler, settings, Slots::of<ReadinessConnection>(limitOf(settings))),
      kind_(kind),
      multiplexer_(kind.make()),
      events_(kEventsPerWait) {}

ReadinessDriver::~ReadinessDriver() { dropAll(); }

void ReadinessDriver::dropAll() {
  dropping_ = true;
  for (uint32_t listener = 0; listener < listeners_.size(); ++listener) closeListener(listener);
  for (uint32_t socket = 0; socket < datagrams_.size(); ++socket) closeDatagrams(socket);
  for (uint32_t slot = 0; slot < slots_.size(); ++slot) {
    ReadinessConnection& connection = own(slots_.at(slot));
    if (!connection.open()) continue;
    if (connection.watched) unwatch(connection.fd);
    ::close(connection.fd);
    connection.fd = -1;
  }
}

void ReadinessDriver::watchDatagrams(uint32_t socket) {
  multiplexer_->add(datagrams_[socket]->fd(), kReadable, datagramToken(socket));
}

void ReadinessDriver::watchWake(int fd) {
  multiplexer_->add(fd, kReadable, kWakeToken);
  wakeFd_ = fd;
}

/// The owner may have left part of what made its descriptor ready, and no new edge would report that.
void ReadinessDriver::rearmWake() {
  wakeUsedUp_ = false;
  multiplexer_->modify(wakeFd_, kReadable, kWakeToken);
}

void ReadinessDriver::turn(int64_t timeoutNs) {
  if (wakeUsedUp_) rearmWake();
  timeoutNs = boundedTimeout(timeoutNs);
  settings_.waitClock.begin(base::monotonicNs());
  const size_t count = multiplexer_->wait(events_, timeoutNs);
  nowNs_ = base::monotonicNs();
  settings_.waitClock.end(nowNs_);
  slabUsed_ = 0;
  // What becomes ready again while events are served has its turn next time.
  beginBatch();
  for (size_t i = 0; i < count; ++i) serve(events_[i]);
  endBatch();
  settle();
}

void ReadinessDriver::serve(const multiplexer::Event& event) {
  if (Connection* connection = slots_.find(event.token)) {
    serveConnection(own(*connection), event.readiness);
  } else if (event.token == kWakeToken) {
    woken_ = true;
    wakeUsedUp_ = kind_.edgeTriggered;
  } else if (isListener(event.token) && listeners_[listenerOf(event.token)].open()) {
    acceptOn(listenerOf(event.token));
  } else if (isDatagrams(event.token) && datagrams_[datagramsOf(event.token)]->open()) {
    // One that is listed has its turn at the end of the batch, and not twice.
    if (!datagrams_[datagramsOf(event.token)]->inReadyList) receiveDatagrams(datagramsOf(event.token));
  } else {
    ++counters_.staleDrops;
  }
}

void ReadinessDriver::serveConnection(ReadinessConnection& connection, multiplexer::Readiness readiness) {
  if (connection.connecting) return serveConnecting(connection);
  const Token token = connection.token();
  if ((readiness & kWritable) != 0 && !connection.queue.empty()) flush(connection);
  // One that is listed has its turn with the lists, and not twice.
  const bool isListed = connection.inReadyList;
  if ((readiness & kReadable) != 0 && slots_.find(token) && !connection.inputEnded && !connection.paused &&
      !isListed)
    receive(connection, (readiness & (kEnded | kClosed)) != 0);
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

void ReadinessDriver::update(Connection& updated) {
  ReadinessConnection& connection = own(updated);
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
  } catch (const base::SystemError& error) {
    closeNow(connection, error.number());
  }
}

void ReadinessDriver::resumed(Connection& connection) {
  // The edge may have passed while nobody read, and a silenced hang-up comes without one.
  if (kind_.edgeTriggered || !own(connection).watched) makeReady(connection);
}

/// Used where the descriptor is closed whatever the multiplexer says, even one that has failed.
void ReadinessDriver::unwatch(int fd) noexcept {
  try {
    multiplexer_->remove(fd);
  } catch (const std::exception&) {
    // Nobody can act on it: the failure shows itself again in the next wait, which reports it to the owner.
  }
}

void ReadinessDriver::letGo(Connection& connection, int fd) {
  if (std::exchange(own(connection).watched, false)) unwatch(fd);
  ::close(fd);
  freeLater(connection);
}

}  // namespace driver
