// A UDP socket: whole datagrams in batches, one system call for many of them.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
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
  /// Arrived when the receive buffer was full, and dropped by the kernel; or undelivered when it was closed.
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

  /// Receives as many as one call brings, and calls `deliver` with each as it lies in `room`. `used` is what
  /// they took of it; those that it has no room for come first the next time.
  Left receive(std::span<uint8_t> room, size_t& used,
               const std::function<void(std::span<const uint8_t>)>& deliver);
  /// `onRefused` gets the errno of what the kernel does not send for another reason than a lack of room.
  void send(std::span<const Outgoing> datagrams, const std::function<void(int)>& onRefused);
  /// The kernel's own count of what it dropped is among them.
  DatagramCounts counts() const;

  bool inReadyList = false;

 private:
  static constexpr size_t kBatch = 64;

  static constexpr uint32_t kTruncated = UINT32_MAX;
  /// What only an open socket has, because the number of a closed one is not used again.
  struct Batch {
    /// Where the kernel writes: each datagram has room for the largest, and few are as large.
    std::unique_ptr<uint8_t[]> arrived;
    /// Of the last batch, kTruncated among them.
    std::array<uint32_t, kBatch> lengths{};
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> vectors{};
  };

  bool receiveBatch();

  base::Descriptor socket_;
  DatagramCounts counts_;
  size_t stride_;
  std::unique_ptr<Batch> batch_;
  /// Which of the last batch are not delivered yet.
  size_t next_ = 0;
  size_t count_ = 0;
};

}  // namespace driver
