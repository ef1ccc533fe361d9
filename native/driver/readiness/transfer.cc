// Receiving and sending by readiness.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "readiness.h"

namespace driver {

/// Less room than this in the slab is not worth a read.
constexpr size_t kSmallestReadBytes = 4096;
/// Chunks in the slab begin at multiples of a cache line.
constexpr size_t kAlignment = 64;

/// `mayHaveEnded` unless an event has just said that the peer had not.
void ReadinessDriver::receive(Connection& connection, bool mayHaveEnded) {
  connection.inReadyList = false;
  connection.untouched = false;
  const Token token = connection.token();
  size_t total = 0;
  while (total < kReadCapBytes) {
    const size_t room = settings_.slab.size() - slabUsed_;
    if (room < kSmallestReadBytes) {
      ++counters_.bufferExhaustion;
      // Who was read in this turn is no better than those who were not.
      return total == 0 ? putOff(connection) : makeReady(connection);
    }
    uint8_t* const at = settings_.slab.data() + slabUsed_;
    const size_t wanted = std::min(room, kReadCapBytes - total);
    const ssize_t count = ::recv(connection.fd, at, wanted, 0);
    ++counters_.reads;
    if (count == 0) return endOfInput(connection);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return closeNow(connection, errno);
      ++counters_.eagains;
      return;
    }
    const auto received = static_cast<size_t>(count);
    total += received;
    connection.lastActiveNs = nowNs_;
    if (connection.discarding) {
      if (!discard(connection, received)) return;
    } else if (handler_.data(token, {at, received}) == Received::Kept) {
      slabUsed_ += (received + kAlignment - 1) & ~(kAlignment - 1);
      slabUsed_ = std::min(slabUsed_, settings_.slab.size());
    }
    if (!slots_.find(token) || connection.paused) return;
    // A level-triggered multiplexer reports what is left. An edge-triggered one does not, not even a FIN that
    // came together with the bytes. Where none had come, a read that was not filled has met the end of the
    // bytes, and whatever comes after that is a new edge; elsewhere only EAGAIN says that nothing is left.
    if (!kind_.edgeTriggered || (!mayHaveEnded && received < wanted)) return;
  }
  makeReady(connection);
}

void ReadinessDriver::send(Token token, std::span<const iovec> pieces) {
  Connection* const connection = need(token);
  if (connection == nullptr || connection->finishing) return;
  size_t sent = 0;
  if (connection->queue.empty()) {
    ssize_t count;
    if (pieces.size() == 1) {
      count = ::send(connection->fd, pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(pieces.data());
      message.msg_iovlen = pieces.size();
      count = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
    }
    ++counters_.writes;
    if (count < 0) {
      if (errno != EAGAIN && errno != EINTR) return closeNow(*connection, errno);
      ++counters_.eagains;
      count = 0;
    }
    sent = static_cast<size_t>(count);
    if (sent > 0) connection->lastActiveNs = nowNs_;
  }
  queueRest(*connection, pieces, sent);
  publish(*connection, connection->queue.size());
}

void ReadinessDriver::queueRest(Connection& connection, std::span<const iovec> pieces, size_t sent) {
  const bool wasEmpty = connection.queue.empty();
  for (const iovec& piece : pieces) {
    const size_t skipped = std::min(sent, piece.iov_len);
    sent -= skipped;
    if (skipped < piece.iov_len)
      connection.queue.append(
          {static_cast<const uint8_t*>(piece.iov_base) + skipped, piece.iov_len - skipped}, spareBuffers_);
  }
  if (!wasEmpty || connection.queue.empty()) return;
  ++counters_.shortWrites;
  makeDirty(connection);
}

void ReadinessDriver::flush(Connection& connection) {
  const std::span<const uint8_t> unsent = connection.queue.unsent();
  const ssize_t count = ::send(connection.fd, unsent.data(), unsent.size(), MSG_NOSIGNAL);
  ++counters_.writes;
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR)
      ++counters_.eagains;
    else
      closeNow(connection, errno);
    return;
  }
  connection.lastActiveNs = nowNs_;
  if (static_cast<size_t>(count) < unsent.size()) ++counters_.shortWrites;
  connection.queue.consume(static_cast<size_t>(count), spareBuffers_);
  publish(connection, connection.queue.size());
  if (!connection.queue.empty()) return;
  makeDirty(connection);
  queueEmptied(connection);
}

}  // namespace driver
