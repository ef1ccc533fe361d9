// An echo server with no JavaScript in it, in a thread of its own: what the driver costs when nothing
// crosses.
#pragma once

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "../base/descriptor.h"
#include "../driver/driver.h"
#include "published.h"

namespace reactor {

class EchoServer : public driver::Handler {
 public:
  /// Throws what `driver::Driver::listen` throws.
  EchoServer(const driver::Kind& kind, const driver::ListenOptions& options);
  ~EchoServer() override;

  uint16_t port() const { return port_; }
  /// Drops everything, and waits for the thread to be done.
  void stop();
  /// What the server did until its last turn ended; complete once it was stopped.
  driver::Counters counters() const { return counters_.load(); }
  multiplexer::Counters multiplexerCounters() const { return multiplexerCounters_.load(); }
  uint64_t timeInWaitNs() const { return waitClock_.totalNs(); }

 private:
  void run(const driver::Kind& kind, const driver::ListenOptions& options, std::promise<uint16_t> listening);
  void opened(driver::Token, uint32_t) override {}
  driver::Received data(driver::Token connection, std::span<const uint8_t> bytes) override;
  void drained(driver::Token connection) override { driver_->resume(connection); }
  void ended(driver::Token connection) override { driver_->finish(connection); }
  void closed(driver::Token, int) override {}
  void rejected(const std::string& reason) override;
  void batchEnded() override {}

  std::vector<uint8_t> slab_;
  /// Lives on the thread's stack, because a multiplexer may belong to the thread that made it.
  driver::Driver* driver_ = nullptr;
  driver::WaitClock waitClock_;
  Published<driver::Counters> counters_;
  Published<multiplexer::Counters> multiplexerCounters_;
  uint16_t port_ = 0;
  base::Descriptor stopEvent_;
  std::atomic<bool> stopping_ = false;
  bool saidWhy_ = false;
  std::thread thread_;
};

}  // namespace reactor
