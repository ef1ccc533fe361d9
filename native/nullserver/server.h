// An echo server of known delays: it answers each message after a delay of its own choosing and remembers,
// for each, when it came and when it left, so that a load generator can be checked against it.
//
// One thread that never sleeps, on a CPU of its own: waking up costs tens of microseconds on a virtual
// machine, which would be an error of the server's. When a message came is the kernel's word
// (SO_TIMESTAMPNS), given while the client is still sending, so neither the server's turn nor an interrupt on
// its CPU blurs it.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

#include "../base/clock.h"
#include "../base/descriptor.h"
#include "codec.h"
#include "delays.h"

namespace nullserver {

struct Options {
  /// The IPv4 address to listen on.
  std::string host;
  CodecSettings codec;
  std::string delays;
  uint64_t seed = 0;
};

/// One message, on CLOCK_MONOTONIC.
struct Record {
  /// When the kernel received it; 0 when another message came with it, since then nobody knows.
  int64_t arrivedNs;
  /// The delay that was drawn for it.
  int64_t orderedNs;
  /// Just before its answer was handed to the kernel.
  int64_t sentNs;
};

/// A time in which the server did not run, though it never sleeps.
struct Gap {
  int64_t fromNs;
  int64_t toNs;
};

class Server {
 public:
  explicit Server(const Options& options);

  uint16_t port() const { return port_; }
  /// Serves until `stopping` is set.
  void run(const volatile sig_atomic_t& stopping);
  /// Only answered messages.
  const std::vector<Record>& records() const { return records_; }
  const std::vector<Gap>& gaps() const { return gaps_; }

 private:
  struct Client {
    base::Descriptor socket;
    std::unique_ptr<Codec> codec;
    /// The client that had this place before has another generation.
    uint64_t generation = 0;
    /// A later answer never overtakes an earlier one.
    int64_t lastDueNs = 0;
    std::string unsent;
    bool ending = false;
  };
  struct Pending {
    int64_t dueNs;
    size_t client;
    uint64_t generation;
    uint64_t order;
    Record record;
    std::string bytes;
    bool operator>(const Pending& other) const {
      return std::tie(dueNs, client, order) > std::tie(other.dueNs, other.client, other.order);
    }
  };
  static constexpr size_t kBufferBytes = 128 * 1024;
  static constexpr size_t kListener = SIZE_MAX;

  void accept();
  void receive(size_t index);
  void take(size_t index, size_t count, int64_t arrivedNs, int64_t nowNs);
  /// Keeps the time since the last call when it was long, and returns the present time.
  int64_t noticeGap();
  void answerDue(int64_t nowNs);
  void flush(Client& client);
  void watch(int fd, size_t index);

  Options options_;
  Delays delays_;
  base::Descriptor epoll_;
  base::Descriptor listener_;
  uint16_t port_;
  std::vector<uint8_t> buffer_;
  std::vector<Client> clients_;
  std::vector<Reply> replies_;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
  /// Clients with answers that have not left yet.
  std::vector<size_t> touched_;
  uint64_t order_ = 0;
  std::vector<Record> records_;
  std::vector<Gap> gaps_;
  /// Counts from the construction, because a client may come as soon as the port is known.
  int64_t seenNs_ = base::monotonicNs();
};

}  // namespace nullserver
