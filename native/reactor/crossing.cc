// Batches of events to JavaScript, and its commands to the driver.
#include "crossing.h"

#include <algorithm>
#include <climits>
#include <cstring>

namespace reactor {

using driver::Token;

Crossing::Crossing(Napi::Env env, const SharedMemory& memory, Napi::Function onBatch)
    : env_(env), memory_(memory), onBatch_(Napi::Persistent(onBatch)) {}

void Crossing::add(Token connection, EventKind kind, int32_t offset, int32_t length) {
  events_.push_back({static_cast<int32_t>(driver::slotOf(connection)),
                     static_cast<int32_t>(driver::generationOf(connection)), kind, offset, length});
}

void Crossing::opened(Token connection, uint32_t listener) {
  add(connection, EventKind::Open, static_cast<int32_t>(listener), 0);
}

driver::Received Crossing::data(Token connection, std::span<const uint8_t> bytes) {
  add(connection, EventKind::Data, static_cast<int32_t>(bytes.data() - memory_.received.data()),
      static_cast<int32_t>(bytes.size()));
  return driver::Received::Kept;
}

void Crossing::drained(Token connection) { add(connection, EventKind::Drain, 0, 0); }
void Crossing::ended(Token connection) { add(connection, EventKind::End, 0, 0); }
void Crossing::closed(Token connection, int error) { add(connection, EventKind::Close, error, 0); }

/// Once, because a server that is full rejects one after the other.
void Crossing::rejected(const std::string& reason) {
  if (!whyRejected_.empty()) return;
  whyRejected_ = reason;
  add(0, EventKind::Rejected, 0, 0);
}

void Crossing::datagram(uint32_t socket, std::span<const uint8_t> bytes) {
  events_.push_back({static_cast<int32_t>(socket), 0, EventKind::Datagram,
                     static_cast<int32_t>(bytes.data() - memory_.received.data()),
                     static_cast<int32_t>(bytes.size())});
}

void Crossing::datagramRefused(uint32_t socket, int error) {
  events_.push_back({static_cast<int32_t>(socket), 0, EventKind::Refused, error, 0});
}

void Crossing::batchEnded() {
  // Events that commands cause meanwhile wait for the next turn, so that this turn ends.
  delivering_.swap(events_);
  for (size_t delivered = 0; delivered < delivering_.size() && alive_;) {
    const size_t count = std::min(delivering_.size() - delivered, memory_.events.size());
    std::memcpy(memory_.events.data(), delivering_.data() + delivered, count * sizeof(EventRecord));
    delivered += count;
    enterJavaScript(count);
    executeCommands();
  }
  delivering_.clear();
}

void Crossing::enterJavaScript(size_t count) {
  const Napi::HandleScope scope(env_);
  ++crossings_;
  napi_value argument;
  napi_value result;
  napi_value receiver;
  if (napi_create_uint32(env_, static_cast<uint32_t>(count), &argument) != napi_ok ||
      napi_get_global(env_, &receiver) != napi_ok) {
    alive_ = false;
    return;
  }
  const napi_status status =
      napi_make_callback(env_, nullptr, receiver, onBatch_.Value(), 1, &argument, &result);
  if (status == napi_ok) return;
  bool pending = false;
  napi_is_exception_pending(env_, &pending);
  if (pending) {
    // The handlers' own errors were caught in JavaScript, so this one is fatal unless the process handles it.
    napi_value error;
    napi_get_and_clear_last_exception(env_, &error);
    if (status == napi_pending_exception && napi_fatal_exception(env_, error) == napi_ok) return;
  }
  // The environment is being torn down: process.exit() or worker.terminate() was called.
  alive_ = false;
}

void Crossing::executeCommands() {
  const auto count = static_cast<size_t>(memory_.control->commandCount);
  if (count == 0) return;
  // Before they are executed, so that none is executed again after one that failed.
  *memory_.control = Control();
  for (const CommandRecord& command : memory_.commands.first(count)) execute(command);
  for (const uint32_t slot : senders_) sendGathered(chains_[slot]);
  senders_.clear();
  pieces_.clear();
  sendDatagrams();
}

void Crossing::execute(const CommandRecord& command) {
  const auto slot = static_cast<uint32_t>(command.slot);
  const Token token = driver::tokenOf(slot, static_cast<uint32_t>(command.generation));
  switch (command.operation) {
    case Operation::SendReceived:
      return gather(token, memory_.received.data() + command.offset, static_cast<size_t>(command.length));
    case Operation::SendOutgoing:
      return gather(token, memory_.outgoing.data() + command.offset, static_cast<size_t>(command.length));
    case Operation::SendReceivedDatagram:
      return gatherDatagram(slot, memory_.received.data() + command.offset,
                            static_cast<size_t>(command.length));
    case Operation::SendOutgoingDatagram:
      return gatherDatagram(slot, memory_.outgoing.data() + command.offset,
                            static_cast<size_t>(command.length));
    case Operation::Pause:
      return driver_->pause(token);
    case Operation::Resume:
      return driver_->resume(token);
    default:
      break;
  }
  // The others must see what was written before them.
  if (slot < chains_.size()) sendGathered(chains_[slot]);
  switch (command.operation) {
    case Operation::Finish:
      return driver_->finish(token);
    case Operation::CloseOrderly:
      return driver_->close(token);
    case Operation::Reset:
      return driver_->reset(token);
    case Operation::WantDrain:
      return driver_->wantDrain(token);
    default:
      break;
  }
}

void Crossing::gather(Token token, const uint8_t* bytes, size_t count) {
  const uint32_t slot = driver::slotOf(token);
  if (slot >= chains_.size()) chains_.resize(std::max<size_t>(slot + 1, 2 * chains_.size()));
  Chain& chain = chains_[slot];
  if (chain.first >= 0 && chain.token != token) sendGathered(chain);
  const auto index = static_cast<int32_t>(pieces_.size());
  if (chain.first < 0) {
    chain.first = index;
    chain.token = token;
    senders_.push_back(slot);
  } else {
    Piece& last = pieces_[static_cast<size_t>(chain.last)];
    if (static_cast<const uint8_t*>(last.bytes.iov_base) + last.bytes.iov_len == bytes) {
      last.bytes.iov_len += count;
      return;
    }
    last.next = index;
  }
  chain.last = index;
  pieces_.push_back({{const_cast<uint8_t*>(bytes), count}, -1});
}

void Crossing::gatherDatagram(uint32_t socket, const uint8_t* bytes, size_t count) {
  if (datagramsOf_ != socket) sendDatagrams();
  datagramsOf_ = socket;
  datagrams_.push_back({bytes, count});
}

void Crossing::sendDatagrams() {
  if (datagrams_.empty()) return;
  driver_->sendDatagrams(datagramsOf_, datagrams_);
  datagrams_.clear();
}

void Crossing::sendGathered(Chain& chain) {
  if (chain.first < 0) return;
  vector_.clear();
  for (int32_t index = chain.first; index >= 0; index = pieces_[static_cast<size_t>(index)].next) {
    vector_.push_back(pieces_[static_cast<size_t>(index)].bytes);
    if (vector_.size() == IOV_MAX) {
      driver_->send(chain.token, vector_);
      vector_.clear();
    }
  }
  chain.first = -1;
  if (!vector_.empty()) driver_->send(chain.token, vector_);
}

}  // namespace reactor
