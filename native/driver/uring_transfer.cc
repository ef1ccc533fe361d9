// Receiving and sending by completions.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "uring.h"
#include "uring_flags.h"

namespace driver {

/// Chunks in the slab begin at multiples of a cache line.
constexpr size_t kAlignment = 64;

void Uring::update(Connection& connection) {
  Requests& requests = connection.requests;
  if (connection.paused) copyPieces(connection);
  const bool wanted =
      !connection.connecting && !connection.inputEnded && !connection.paused && requests.held.empty();
  if (wanted && !requests.receiving) {
    if (requests.receivedBefore) ++waiting_.rearms;
    io_uring_sqe* const receive = request(Operation::Receive, connection.slot, connection.fd);
    receive->flags = IOSQE_BUFFER_SELECT;
    receive->buf_group = kBufferGroup;
    receive->ioprio = kReceiveMultishot;
    requests.receiving = true;
    requests.receivedBefore = true;
  } else if (!wanted && requests.receiving && !requests.withdrawing) {
    cancel(Operation::Receive, connection.slot);
    requests.withdrawing = true;
  }
}

void Uring::received(const Completion& completion) {
  Connection& connection = slots_.at(completion.number);
  Requests& requests = connection.requests;
  if (completion.isLast()) requests.receiving = requests.withdrawing = false;
  if (completion.result != -ECANCELED) {
    ++waiting_.events;
    ++counters_.reads;
  }
  if (!connection.open()) {
    if (completion.hasBuffer()) buffers_.giveBack(completion.buffer());
    if (completion.result > 0) ++counters_.staleDrops;
    return closeWhenQuiet(connection);
  }
  if (completion.isLast()) makeDirty(connection);
  if (completion.result > 0)
    return deliver(connection, completion.buffer(), static_cast<size_t>(completion.result));
  if (completion.hasBuffer()) buffers_.giveBack(completion.buffer());
  receiveEnded(connection, completion.result);
}

void Uring::deliver(Connection& connection, uint16_t buffer, size_t count) {
  HeldInput& held = connection.requests.held;
  const HeldInput::Piece piece{buffer, static_cast<uint16_t>(count)};
  connection.lastActiveNs = nowNs_;
  if (connection.discarding) {
    buffers_.giveBack(buffer);
    discard(connection, count);
  } else if (connection.paused || held.hasCopy()) {
    // It arrived before the kernel learnt of the pause, or behind something that did.
    held.addPiece(piece);
    copyPieces(connection);
  } else if (held.hasPieces() || connection.requests.told.in(turn_) + count > kReadCapBytes) {
    held.addPiece(piece);
    makeReady(connection);
    // Until this is told it receives no more, so that a loud peer does not take the buffers of the others.
    makeDirty(connection);
  } else {
    tell(connection, piece);
  }
}

void Uring::tell(Connection& connection, HeldInput::Piece piece) {
  connection.requests.told.in(turn_) += piece.bytes;
  if (handler_.data(connection.token(), {buffers_.at(piece.buffer), piece.bytes}) == Received::Kept)
    kept_.push_back(piece.buffer);
  else
    buffers_.giveBack(piece.buffer);
}

/// Gives the kernel its buffers back.
void Uring::copyPieces(Connection& connection) {
  HeldInput& held = connection.requests.held;
  while (held.hasPieces()) {
    const HeldInput::Piece piece = held.takePiece();
    held.addCopy({buffers_.at(piece.buffer), piece.bytes});
    buffers_.giveBack(piece.buffer);
  }
}

/// Nobody wants to know any more what arrived.
void Uring::dropHeld(Connection& connection) {
  HeldInput& held = connection.requests.held;
  while (held.hasPieces()) buffers_.giveBack(held.takePiece().buffer);
  held.clearCopy();
}

/// The kernel will not go on receiving by itself; `update` asks again where that makes sense.
void Uring::receiveEnded(Connection& connection, int result) {
  switch (-result) {
    case ECANCELED:
    case EINTR:
    case EAGAIN:
      return;
    case ENOBUFS:
      ++counters_.bufferExhaustion;
      return;
    case 0:
      // The end can be met again, unlike an error, which is told once.
      if (!connection.paused && connection.requests.held.empty()) endOfInput(connection);
      return;
    default:
      if (connection.paused || !connection.requests.held.empty())
        connection.requests.held.error = -result;
      else
        closeNow(connection, -result);
  }
}

void Uring::resumed(Connection& connection) {
  if (!connection.requests.held.empty()) makeReady(connection);
}

/// Tells what is held, as far as the connection's share of the turn goes.
void Uring::readOn(Connection& connection) {
  HeldInput& held = connection.requests.held;
  const Token token = connection.token();
  if (connection.discarding) dropHeld(connection);
  while (held.hasPieces() && connection.requests.told.in(turn_) + held.nextPiece().bytes <= kReadCapBytes) {
    tell(connection, held.takePiece());
    if (!slots_.find(token) || connection.paused) return;
    if (connection.discarding) dropHeld(connection);
  }
  if (held.hasCopy()) tellCopy(connection);
  if (!slots_.find(token) || connection.paused) return;
  if (held.hasPieces() || held.hasCopy()) return makeReady(connection);
  makeDirty(connection);
  if (held.error != 0) closeNow(connection, held.error);
}

/// Tells from the slab, because that is where a handler expects what it is told.
void Uring::tellCopy(Connection& connection) {
  HeldInput& held = connection.requests.held;
  size_t& told = connection.requests.told.in(turn_);
  const size_t room = held_.size() - heldUsed_;
  if (room == 0) ++counters_.bufferExhaustion;
  const size_t count = std::min({held.copy().size(), kReadCapBytes - told, room});
  if (count == 0) return;
  uint8_t* const at = held_.data() + heldUsed_;
  std::memcpy(at, held.copy().data(), count);
  held.takeCopy(count);
  told += count;
  if (handler_.data(connection.token(), {at, count}) == Received::Kept)
    heldUsed_ = std::min((heldUsed_ + count + kAlignment - 1) & ~(kAlignment - 1), held_.size());
}

void Uring::send(Token token, std::span<const iovec> pieces) {
  Connection* const connection = need(token);
  if (connection == nullptr || connection->finishing) return;
  for (const iovec& piece : pieces)
    connection->queue.append({static_cast<const uint8_t*>(piece.iov_base), piece.iov_len});
  if (!connection->requests.sending) requestSend(*connection);
  publish(*connection);
}

void Uring::requestSend(Connection& connection) {
  if (connection.requests.toSend || connection.queue.empty()) return;
  connection.requests.toSend = true;
  toSend_.push_back(connection.token());
}

/// Late, so that everything that a turn sends on a connection is one request.
void Uring::prepareSends() {
  for (size_t i = 0; i < toSend_.size(); ++i) {
    Connection* const connection = slots_.find(toSend_[i]);
    if (connection == nullptr) continue;
    Requests& requests = connection->requests;
    requests.toSend = false;
    requests.sending = true;
    requests.sendTold = false;
    connection->queue.pin();
    const std::span<const uint8_t> unsent = connection->queue.unsent();
    io_uring_sqe* const send = request(Operation::Send, connection->slot, connection->fd);
    send->addr = reinterpret_cast<uintptr_t>(unsent.data());
    send->len = static_cast<uint32_t>(unsent.size());
    send->msg_flags = MSG_NOSIGNAL;
    if (requests.sendWaits) continue;
    // With MSG_WAITALL, taking a part of the bytes is a failure, too.
    send->msg_flags |= MSG_DONTWAIT | MSG_WAITALL;
    if (!connection->finishing && !connection->wantsDrain) send->flags = IOSQE_CQE_SKIP_SUCCESS;
    instantSends_.push_back({connection->slot, ring_.place()});
  }
  toSend_.clear();
}

/// Whatever was submitted and told nothing was sent whole.
void Uring::concludeSends() {
  size_t left = 0;
  for (const InstantSend& send : instantSends_) {
    Connection& connection = slots_.at(send.slot);
    if (connection.requests.sendTold) continue;
    if (!ring_.hasTaken(send.place)) {
      instantSends_[left++] = send;
      continue;
    }
    --inFlight_;
    const size_t count = connection.queue.unsent().size();
    if (!connection.open() || connection.finishing || connection.wantsDrain) {
      // It ended after it was prepared, or somebody waits for it: more is to be done than fits in here.
      completions_.push_back({Operation::Send, send.slot, static_cast<int>(count), 0});
      continue;
    }
    ++counters_.writes;
    connection.requests.sending = false;
    connection.queue.unpin();
    connection.lastActiveNs = nowNs_;
    connection.queue.consume(count);
    publish(connection);
    requestSend(connection);
  }
  instantSends_.resize(left);
}

void Uring::sent(const Completion& completion) {
  Connection& connection = slots_.at(completion.number);
  Requests& requests = connection.requests;
  requests.sending = false;
  connection.queue.unpin();
  if (completion.result != -ECANCELED) ++counters_.writes;
  if (!connection.open()) return closeWhenQuiet(connection);
  if (requests.sendWaits) ++waiting_.events;
  int count = completion.result;
  if (count == -EAGAIN || count == -EINTR) {
    ++counters_.eagains;
    count = 0;
  }
  if (count < 0) return closeNow(connection, -count);
  if (count > 0) connection.lastActiveNs = nowNs_;
  requests.sendWaits = static_cast<size_t>(count) < connection.queue.unsent().size();
  if (requests.sendWaits) ++counters_.shortWrites;
  connection.queue.consume(static_cast<size_t>(count));
  publish(connection);
  if (connection.queue.empty())
    queueEmptied(connection);
  else
    requestSend(connection);
}

void Uring::giveBackKept() {
  for (const uint16_t buffer : kept_) buffers_.giveBack(buffer);
  kept_.clear();
}

}  // namespace driver
