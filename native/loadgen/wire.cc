// The parts all protocols share: the table of protocols, the stream position, and the verification of bodies.
#include "wire.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace loadgen {

namespace {

struct Entry {
  const char* protocol;
  std::unique_ptr<WireFactory> (*factory)(const Job& job);
};

constexpr Entry kProtocols[] = {
    {"tcp", tcpFactory},
    {"http", httpFactory},
    {"ws", websocketFactory},
    {"discard", discardFactory},
};

}  // namespace

std::unique_ptr<WireFactory> wireFactory(const Job& job) {
  if (job.protocol == kDatagrams) return nullptr;
  for (const Entry& entry : kProtocols)
    if (job.protocol == entry.protocol) return entry.factory(job);
  throw std::invalid_argument("The load generator does not speak the protocol '" + job.protocol + "'.");
}

size_t Wire::produce(std::span<uint8_t> out) {
  size_t filled = 0;
  if (sendOffset_ == 0 && !control_.empty()) {
    filled = std::min(out.size(), control_.size());
    std::memcpy(out.data(), control_.data(), filled);
  }
  uint64_t sequence = sendSequence_;
  size_t offset = sendOffset_;
  while (sequence < issued_ && filled < out.size()) {
    const size_t count = std::min(requestBytes_ - offset, out.size() - filled);
    encode(sequence, offset, out.subspan(filled, count));
    filled += count;
    offset += count;
    if (offset < requestBytes_) break;
    offset = 0;
    ++sequence;
    // A control frame waits for the end of a half-sent request, and for no more than that.
    if (sendOffset_ != 0 && !control_.empty()) break;
  }
  return filled;
}

void Wire::sent(size_t count) {
  if (sendOffset_ == 0 && !control_.empty()) {
    const size_t part = std::min(count, control_.size());
    control_.erase(0, part);
    count -= part;
  }
  sendOffset_ += count;
  while (sendOffset_ >= requestBytes_) {
    sendOffset_ -= requestBytes_;
    ++sendSequence_;
  }
}

Failure Wire::ended() const {
  if (received_ > 0)
    return {ErrorClass::Short, "the server closed the connection after " + std::to_string(received_) +
                                   " of " + std::to_string(pattern_.payloadBytes()) + " bytes"};
  if (midAnswer())
    return {ErrorClass::Short, "the server closed the connection in the middle of an answer's head"};
  return {ErrorClass::ClosedEarly, "the server closed the connection"};
}

bool Wire::expectsAnswer(size_t count, Failure& failure) const {
  if (answered_ < issued_) return true;
  failure = {ErrorClass::Corrupt,
             std::to_string(count) + " bytes arrived though every request had been answered"};
  return false;
}

bool Wire::verifyBody(const uint8_t* data, size_t count, Failure& failure) {
  if (received_ + count > pattern_.payloadBytes()) {
    failure = {ErrorClass::Corrupt, "the answer is longer than the " +
                                        std::to_string(pattern_.payloadBytes()) + " bytes that were sent"};
    return false;
  }
  if (pattern_.match(current(), received_, data, count) != count) {
    failure = {ErrorClass::Corrupt, pattern_.explain(current(), received_, data, count)};
    return false;
  }
  received_ += count;
  return true;
}

bool Wire::finishAnswer(Failure& failure) {
  if (received_ < pattern_.payloadBytes()) {
    failure = {ErrorClass::Short, "the answer has " + std::to_string(received_) + " of " +
                                      std::to_string(pattern_.payloadBytes()) + " bytes"};
    return false;
  }
  received_ = 0;
  ++answered_;
  return true;
}

}  // namespace loadgen
