// The closed loop over UDP: every socket keeps `pipeline` datagrams in flight, and an answer at once releases
// the next one. A datagram that is not answered in time is lost, which UDP may do: it is counted, and another
// takes its place. Nothing else may happen to one: it comes back once, whole, and to the socket that sent it.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "worker.h"

namespace loadgen {

class DatagramWorker final : public Worker {
 public:
  DatagramWorker(Run& run, int index);

 protected:
  void prepare() override;
  void load() override;
  uint64_t outstanding() const override { return inFlight_.now(); }

 private:
  /// One of the `pipeline` places of a socket. The sequence numbers of a place are `pipeline` apart, so an
  /// answer names its place.
  struct Place {
    uint64_t sequence = 0;
    /// When it was first offered to the kernel; 0 unless it is in flight.
    int64_t issuedAt = 0;
  };
  struct Socket {
    base::Descriptor descriptor;
    std::vector<Place> places;
    /// Places whose datagram has not left yet, most of them not in flight either.
    std::vector<uint32_t> unsent;
    /// Given up, though their answers may still come.
    std::unordered_set<uint64_t> lost;
    bool isListed = false;
  };
  static constexpr size_t kBatch = 64;

  void release(Socket& socket, uint32_t place);
  void receive(Socket& socket);
  void answered(Socket& socket, const uint8_t* bytes, size_t count, int64_t now);
  void giveUp(Socket& socket, Place& place, int64_t now);
  void expire(int64_t now);
  void sendAll();
  /// Returns false when the socket takes no more for now.
  bool send(Socket& socket);
  void putInFlight(Place& place, int64_t now);
  void fail(Socket& socket, const Failure& failure);
  uint32_t idOf(const Socket& socket) const {
    return connectionId(static_cast<uint64_t>(&socket - sockets_.data()));
  }
  bool done(int64_t now) const { return run_.stopped() || (now >= window_.t1 && inFlight_.now() == 0); }

  std::vector<Socket> sockets_;
  /// Those with something to send.
  std::vector<uint32_t> senders_;
  /// Of one datagram, and of one that is a byte longer.
  const size_t room_;
  std::array<mmsghdr, kBatch> messages_{};
  std::array<iovec, kBatch> vectors_{};
  int64_t nextExpiry_ = 0;
};

}  // namespace loadgen
