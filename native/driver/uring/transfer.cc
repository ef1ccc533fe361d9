// Receiving and sending by completions.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "flags.h"
#include "uring.h"

namespace driver {

/// Chunks in the slab begin at multiples of a cache line.
constexpr size_t kAlignment = 64;

void UringDriver::update(Connection& updated) {
  UringConnection& connection = own(updated);
  Requests& requests = connection.requests;
  if (connection.paused) copyPieces(connection);
  const bool wanted =
      !connection.connecting && !connection.inputEnded && !connection.paused && requests.held == nullptr;
  if (wanted && !requests.receiving) {
    if (requests.receivedBefore) ++waiting_.rearms;
    io_uring_sqe* const receive = request(Operation::Receive, connection.slot, connection.fd);
    receive->flags = IOSQE_BUFFER_SELECT;
    receive->buf_group = kBufferGroup;
    receive->ioprio = kReceiveMultishot;
    requests.receiving = true;
    requests.receivedBefore = true;
    connection.untouched = false;
  } else if (!wanted && requests.receiving && !requests.withdrawing) {
    cancel(Operation::Receive, connection.slot);
    requests.withdrawing = true;
  }
}

void UringDriver::received(const Completion& completion) {
  UringConnection& connection = own(slots_.at(completion.number));
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
    return take(connection, completion.buffer(), static_cast<size_t>(completion.result));
  if (completion.hasBuffer()) buffers_.giveBack(completion.buffer());
  receiveEnded(connection, completion.result);
}

void UringDriver::take(UringConnection& connection, uint16_t buffer, size_t count) {
  Requests& requests = connection.requests;
  const HeldInput::Piece piece{buffer, static_cast<uint16_t>(count)};
  connection.lastActiveNs = nowNs_;
  if (connection.discarding) {
    buffers_.giveBack(buffer);
    discard(connection, count);
  } else if (connection.paused || requests.holdsCopy()) {
    // It arrived before the kernel learnt of the pause, or behind something that did.
    requests.holding().addPiece(piece);
    copyPieces(connection);
  } else if (requests.holdsPieces() || requests.delivered.in(turn_) + count > kReadCapBytes) {
    requests.holding().addPiece(piece);
    makeReady(connection);
    // Until this is delivered it receives no more, so that a busy peer does not take the buffers of the
    // others.
    makeDirty(connection);
  } else {
    deliver(connection, piece);
  }
}

void UringDriver::deliver(UringConnection& connection, HeldInput::Piece piece) {
  connection.requests.delivered.in(turn_) += piece.bytes;
  if (handler_.data(connection.token(), {buffers_.at(piece.buffer), piece.bytes}) == Received::Kept)
    kept_.push_back(piece.buffer);
  else
    buffers_.giveBack(piece.buffer);
}

/// Gives the kernel its buffers back.
void UringDriver::copyPieces(UringConnection& connection) {
  while (connection.requests.holdsPieces()) {
    HeldInput& held = *connection.requests.held;
    const HeldInput::Piece piece = held.takePiece();
    held.addCopy({buffers_.at(piece.buffer), piece.bytes});
    buffers_.giveBack(piece.buffer);
  }
}

/// Input that arrived for a connection that is over, or that throws its input away.
void UringDriver::dropHeld(UringConnection& connection) {
  HeldInput* const held = connection.requests.held.get();
  if (held == nullptr) return;
  while (held->hasPieces()) buffers_.giveBack(held->takePiece().buffer);
  held->clearCopy();
  connection.requests.holdNoMore();
}

/// The kernel will not go on receiving by itself; `update` asks again where that makes sense.
void UringDriver::receiveEnded(UringConnection& connection, int result) {
  switch (-result) {
    case ECANCELED:
    case EINTR:
    case EAGAIN:
      return;
    case ENOBUFS:
      ++counters_.bufferExhaustion;
      return;
    case 0:
      // The end can be met again, unlike an error, which comes once.
      if (!connection.paused && connection.requests.held == nullptr) endOfInput(connection);
      return;
    default:
      if (connection.paused || connection.requests.held != nullptr)
        connection.requests.holding().error = -result;
      else
        closeNow(connection, -result);
  }
}

void UringDriver::resumed(Connection& connection) {
  if (own(connection).requests.held != nullptr) makeReady(connection);
}

/// Delivers what is held, as far as the connection's share of the turn goes.
void UringDriver::readOn(Connection& listed) {
  UringConnection& connection = own(listed);
  Requests& requests = connection.requests;
  const Token token = connection.token();
  if (connection.discarding) dropHeld(connection);
  while (requests.holdsPieces() &&
         requests.delivered.in(turn_) + requests.held->nextPiece().bytes <= kReadCapBytes) {
    const HeldInput::Piece piece = requests.held->takePiece();
    requests.holdNoMore();
    // The handler may end the connection, and what it holds.
    deliver(connection, piece);
    if (!slots_.find(token) || connection.paused) return;
    if (connection.discarding) dropHeld(connection);
  }
  if (requests.holdsCopy() && !deliverCopy(connection)) return putOff(connection);
  if (!slots_.find(token) || connection.paused) return;
  if (requests.holdsPieces() || requests.holdsCopy()) return makeReady(connection);
  makeDirty(connection);
  if (requests.held != nullptr && requests.held->error != 0) closeNow(connection, requests.held->error);
}

/// Delivers from the slab, because that is where a handler expects its bytes. Returns false when it has no
/// room.
bool UringDriver::deliverCopy(UringConnection& connection) {
  HeldInput& held = *connection.requests.held;
  uint32_t& delivered = connection.requests.delivered.in(turn_);
  const size_t room = held_.size() - heldUsed_;
  if (room == 0) {
    ++counters_.bufferExhaustion;
    return false;
  }
  const size_t count = std::min({held.copy().size(), kReadCapBytes - delivered, room});
  if (count == 0) return true;
  uint8_t* const at = held_.data() + heldUsed_;
  std::memcpy(at, held.copy().data(), count);
  held.takeCopy(count);
  connection.requests.holdNoMore();
  delivered += static_cast<uint32_t>(count);
  if (handler_.data(connection.token(), {at, count}) == Received::Kept)
    heldUsed_ = std::min((heldUsed_ + count + kAlignment - 1) & ~(kAlignment - 1), held_.size());
  return true;
}

void UringDriver::send(Token token, std::span<const iovec> pieces) {
  Connection* const found = need(token);
  if (found == nullptr || found->finishing) return;
  UringConnection& connection = own(*found);
  for (const iovec& piece : pieces)
    connection.append({static_cast<const uint8_t*>(piece.iov_base), piece.iov_len}, spareBuffers_);
  if (!connection.requests.sending) requestSend(connection);
  publish(connection, connection.unsentBytes());
}

void UringDriver::requestSend(UringConnection& connection) {
  if (connection.requests.toSend || connection.queue.empty()) return;
  connection.requests.toSend = true;
  toSend_.push_back(connection.token());
}

/// Late, so that everything that a turn sends on a connection is one request.
void UringDriver::prepareSends() {
  for (size_t i = 0; i < toSend_.size(); ++i) {
    Connection* const connection = slots_.find(toSend_[i]);
    if (connection == nullptr) continue;
    Requests& requests = own(*connection).requests;
    requests.toSend = false;
    requests.sending = true;
    requests.sendCompleted = false;
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

/// A send that was submitted and has not completed was sent whole.
void UringDriver::concludeSends() {
  size_t left = 0;
  for (const InstantSend& send : instantSends_) {
    UringConnection& connection = own(slots_.at(send.slot));
    if (connection.requests.sendCompleted) continue;
    if (!ring_.hasTaken(send.place)) {
      instantSends_[left++] = send;
      continue;
    }
    --inFlight_;
    const size_t count = connection.queue.unsent().size();
    if (!connection.open() || connection.finishing || connection.wantsDrain) {
      // It ended after it was prepared, or a handler waits for it: more is to be done than fits in here.
      completions_.push_back({Operation::Send, send.slot, static_cast<int>(count), 0});
      continue;
    }
    ++counters_.writes;
    connection.requests.sending = false;
    connection.lastActiveNs = nowNs_;
    connection.consume(count, spareBuffers_);
    publish(connection, connection.unsentBytes());
    requestSend(connection);
  }
  instantSends_.resize(left);
}

void UringDriver::sent(const Completion& completion) {
  UringConnection& connection = own(slots_.at(completion.number));
  Requests& requests = connection.requests;
  requests.sending = false;
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
  connection.consume(static_cast<size_t>(count), spareBuffers_);
  publish(connection, connection.unsentBytes());
  if (connection.queue.empty())
    queueEmptied(connection);
  else
    requestSend(connection);
}

void UringDriver::giveBackKept() {
  for (const uint16_t buffer : kept_) buffers_.giveBack(buffer);
  kept_.clear();
}

}  // namespace driver
