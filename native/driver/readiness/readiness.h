// The readiness driver: accepts, receives, sends and closes over any multiplexer.
//
// In the steady state an echo costs one recv, one send and a share of one wait: interests change only when a
// queue fills or empties, and the multiplexer learns of them at the end of the batch, so that a connection
// which ends within it costs no change at all.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <span>
#include <vector>

#include "../driver_base.h"

namespace driver {

struct ReadinessConnection : Connection {
  /// What the multiplexer watches for; compared with what is wanted at the end of a batch.
  multiplexer::Readiness interest = 0;
  /// False once a hang-up was silenced, because most multiplexers report one whatever the interest.
  bool watched = false;
};

class ReadinessDriver final : public DriverBase {
 public:
  ReadinessDriver(const multiplexer::Kind& kind, Handler& handler, const Settings& settings);
  ~ReadinessDriver() override;

  void dropAll() override;
  void watchWake(int fd) override;
  void turn(int64_t timeoutNs) override;
  /// Nothing waits: a send is a system call of its own.
  void submit() override {}
  void send(Token token, std::span<const iovec> pieces) override;
  const multiplexer::Counters& multiplexerCounters() const override { return multiplexer_->counters(); }

 private:
  static ReadinessConnection& own(Connection& connection) {
    return static_cast<ReadinessConnection&>(connection);
  }

  // readiness.cc
  void serve(const multiplexer::Event& event);
  void serveConnection(ReadinessConnection& connection, multiplexer::Readiness readiness);
  void rearmWake();
  void update(Connection& connection) override;
  void resumed(Connection& connection) override;
  void letGo(Connection& connection, int fd) override;
  // accept.cc
  void startAccepting(uint32_t listener) override;
  void suspendAccepting(uint32_t listener) override;
  void resumeAccepting(uint32_t listener) override;
  void endAccepting(uint32_t listener) override;
  void acceptOn(uint32_t listener) override;
  int acceptFlags() const override { return SOCK_NONBLOCK | SOCK_CLOEXEC; }
  void admit(Connection& connection) override;
  // readiness.cc, for UDP
  void watchDatagrams(uint32_t socket) override;
  void datagramsReceived(uint32_t /*socket*/) override {}
  void endDatagrams(uint32_t socket) override { unwatch(datagrams_[socket]->fd()); }
  std::span<uint8_t> room() override { return settings_.slab.subspan(slabUsed_); }
  void takeRoom(size_t bytes) override { slabUsed_ += bytes; }
  // connect.cc
  void startConnecting(Connection& connection) override;
  void serveConnecting(Connection& connection);
  // transfer.cc
  void readOn(Connection& connection) override { receive(connection, true); }
  void receive(Connection& connection, bool mayHaveEnded);
  void flush(Connection& connection);
  void queueRest(Connection& connection, std::span<const iovec> pieces, size_t sent);
  void unwatch(int fd) noexcept;

  const multiplexer::Kind& kind_;
  std::unique_ptr<multiplexer::Multiplexer> multiplexer_;
  std::vector<multiplexer::Event> events_;
  size_t slabUsed_ = 0;
  bool wakeUsedUp_ = false;
};

}  // namespace driver
