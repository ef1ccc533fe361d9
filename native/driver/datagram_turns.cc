// The datagram sockets of a driver: when they have their turn, and how they end.
#include "driver_base.h"
#include "tokens.h"

namespace driver {

/// Receiving calls of one socket in one turn, so that a flood does not keep the connections waiting.
constexpr int kReceivesPerTurn = 4;

uint32_t DriverBase::openDatagrams(const DatagramOptions& options) {
  const auto number = static_cast<uint32_t>(datagrams_.size());
  datagrams_.push_back(std::make_unique<DatagramSocket>(options));
  try {
    watchDatagrams(number);
  } catch (...) {
    datagrams_.pop_back();
    throw;
  }
  return number;
}

DatagramCounts DriverBase::closeDatagrams(uint32_t number) {
  DatagramSocket& socket = *datagrams_[number];
  if (socket.open()) {
    endDatagrams(number);
    socket.close();
  }
  return socket.counts();
}

void DriverBase::sendDatagrams(uint32_t number, std::span<const DatagramSocket::Outgoing> datagrams) {
  DatagramSocket& socket = *datagrams_[number];
  if (!socket.open()) return;
  socket.send(datagrams, [this, number](int error) { handler_.datagramRefused(number, error); });
}

void DriverBase::receiveDatagrams(uint32_t number) {
  DatagramSocket& socket = *datagrams_[number];
  socket.inReadyList = false;
  if (!socket.open()) return;
  size_t taken = 0;
  for (int calls = 0; calls < kReceivesPerTurn; ++calls) {
    size_t used = 0;
    const DatagramSocket::Left left = socket.receive(
        room(), used, [this, number](std::span<const uint8_t> bytes) { handler_.datagram(number, bytes); });
    takeRoom(used);
    taken += used;
    if (left == DatagramSocket::Left::Nothing) return datagramsReceived(number);
    if (left == DatagramSocket::Left::NoRoom) {
      ++counters_.bufferExhaustion;
      break;
    }
  }
  socket.inReadyList = true;
  // Who took something is no better than those who took none.
  (taken == 0 ? putOff_ : ready_).push_back(datagramToken(number));
}

}  // namespace driver
