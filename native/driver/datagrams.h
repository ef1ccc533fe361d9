// A UDP socket: whole datagrams in batches, one system call for many of them.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "../base/descriptor.h"
#include "address.h"

namespace driver {

/// Before each datagram in memory lies its peer's address, in this much room.
constexpr size_t kPeerBytes = 32;
static_assert(sizeof(Address) <= kPeerBytes);

struct DatagramOptions {
  std::string host;
  uint16_t port = 0;
  bool reusePort = false;
  bool ipv6Only = false;
  /// What the kernel may hold for the socket each way; 0 leaves it alone.
  int receiveBufferBytes = 0;
  int sendBufferBytes = 0;
  /// Longer ones are counted and not delivered.
  size_t largestBytes = 2048;
};

struct DatagramCounts {
  uint64_t received = 0;
  uint64_t sent = 0;
  /// Longer than `largestBytes`.
  uint64_t truncated = 0;
  /// Not sent: the kernel had no room for more, and those it refused for another reason.
  uint64_t unsent = 0;
  uint64_t refused = 0;
  /// Arrived when the receive buffer was full, and dropped by the kernel.
  uint64_t lost = 0;
  /// System calls that received and sent.
  uint64_t receiveCalls = 0;
  uint64_t sendCalls = 0;
};

class DatagramSocket {
 public:
  /// One that is to be sent: its bytes, behind `kPeerBytes` with the address of its peer.
  struct Outgoing {
    const uint8_t* bytes;
    size_t count;
  };
  enum class Left { Nothing, Perhaps, NoRoom };

  /// Throws base::SystemError, or std::invalid_argument.
  explicit DatagramSocket(const DatagramOptions& options);

  int fd() const { return socket_.fd(); }
  void close();
  bool open() const { return socket_.open(); }

  /// Receives as many as one call brings into `room`, and calls `deliver` with each. `used` is what they took
  /// of it.
  Left receive(std::span<uint8_t> room, size_t& used,
               const std::function<void(std::span<const uint8_t>)>& deliver);
  /// `onRefused` gets the errno of what the kernel does not send for another reason than a lack of room.
  void send(std::span<const Outgoing> datagrams, const std::function<void(int)>& onRefused);
  /// The kernel's own count of what it dropped is among them.
  DatagramCounts counts() const;

  bool inReadyList = false;

 private:
  static constexpr size_t kBatch = 64;

  base::Descriptor socket_;
  size_t largestBytes_;
  DatagramCounts counts_;
  std::array<mmsghdr, kBatch> messages_{};
  std::array<iovec, kBatch> vectors_{};
};

}  // namespace driver
