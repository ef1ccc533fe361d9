// A driver under test with one listener, the real clients of a case, and a record of what the driver record.
#pragma once

#include <sys/resource.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../../multiplexer/test/fixtures.h"
#include "../driver.h"
#include "suite.h"

namespace driver::test {

using Client = multiplexer::test::Descriptor;

struct SceneOptions {
  size_t slabBytes = 1024 * 1024;
  /// Whether received bytes stay in the slab until the batch ends.
  Received received = Received::Used;
  uint32_t idleTimeoutMs = 0;
};

/// What was reported about one connection.
struct Record {
  Token token = 0;
  std::string received;
  /// Bytes received in the current turn.
  size_t receivedInTurn = 0;
  int drains = 0;
  int ends = 0;
  int closes = 0;
  /// The errno of its close; -1 before that.
  int error = -1;
  /// What was reported after its close.
  int afterClose = 0;
};

class Scene : public Handler {
 public:
  explicit Scene(const Kind& kind, const SceneOptions& options = {});

  Driver& driver() { return *driver_; }
  uint32_t listener() const { return listener_; }
  /// Connects, and turns until the driver has reported it; the connection is then the last one of `records`.
  Client connect();
  /// Starts to connect; the driver is not asked.
  Client knock() const;
  /// In the order in which they were opened.
  std::vector<Record>& records() { return records_; }
  Record& of(Token token);

  /// Turns until it is done. Throws a Failure with the sentence when that takes ten seconds.
  void turnUntil(const std::function<bool()>& done, const std::string& sentence);
  /// One turn that waits at most this long.
  void turn(int64_t timeoutNs);
  /// Sends from the connection.
  void send(Token token, const std::string& bytes);
  uint64_t waits() const { return driver_->multiplexerCounters().waits; }
  uint64_t events() const { return driver_->multiplexerCounters().events; }
  uint64_t controls() const { return driver_->multiplexerCounters().controls; }

  // What a case does when the driver reports something; nothing by default.
  std::function<void(Token)> onOpen;
  std::function<void(Token, const std::string& bytes)> onData;
  std::function<void(Token)> onEnd;
  std::function<void(Token)> onDrain;
  std::function<void()> onBatchEnd;

  /// What came on UDP sockets, in its order.
  std::vector<std::string> datagrams;
  /// Errnos.
  std::vector<int> refusals;

  /// The latest reason; empty when nobody was.
  std::string whyRejected;

 private:
  void opened(Token connection, uint32_t listener) override;
  Received data(Token connection, std::span<const uint8_t> bytes) override;
  void drained(Token connection) override;
  void ended(Token connection) override;
  void closed(Token connection, int error) override;
  void rejected(const std::string& reason) override { whyRejected = reason; }
  void datagram(uint32_t socket, std::span<const uint8_t> bytes) override;
  void datagramRefused(uint32_t /*socket*/, int error) override { refusals.push_back(error); }
  void batchEnded() override;

  SceneOptions options_;
  std::vector<uint8_t> slab_;
  WaitClock waitClock_;
  std::vector<Record> records_;
  uint32_t listener_;
  std::unique_ptr<Driver> driver_;
};

/// Changes how many descriptors this process may have, for as long as it lives.
class DescriptorLimit {
 public:
  DescriptorLimit() { getrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit() { lift(); }
  /// From now on only this many more can be opened.
  void leave(size_t more) const;
  /// From now on nothing can be opened, not even in the place of what is closed.
  void leaveNothing() const { lower(3); }
  void lift() const { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  void lower(rlim_t soft) const;

  rlimit before_{};
};

/// Waits until the server's kernel has everything that the client sent, its FIN among it if it sent one.
void awaitDelivery(const Client& client, bool finSent = false);
/// The descriptor of the server's end of this client's connection, which this process has, too.
int serverEndOf(const Client& client);
/// Reads until this many bytes came, while the driver takes its turns.
std::string readFrom(Scene& scene, const Client& client, size_t count);
/// Turns until the client can read its end. Returns 0 for a FIN, and the errno for a reset; what is unread
/// before the end is thrown away.
int endOf(Scene& scene, const Client& client);
/// Bytes of a pattern that shows where they belong.
std::string patternOf(size_t count);

}  // namespace driver::test
