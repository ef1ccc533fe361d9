// What all drivers share: slots, listeners, deadlines, and the way in which connections end.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "driver.h"
#include "slots.h"

namespace driver {

class DriverBase : public Driver {
 public:
  DriverBase(const DriverBase&) = delete;
  DriverBase& operator=(const DriverBase&) = delete;

  uint32_t listen(const ListenOptions& options) override;
  uint16_t portOf(uint32_t listener) const override {
    return listeners_[listener].open() ? localAddressOf(listeners_[listener].fd()).port() : 0;
  }
  int descriptorOf(uint32_t listener) const override { return listeners_[listener].fd(); }
  uint32_t closeListener(uint32_t listener) override;
  bool adopt(int fd, uint32_t listener) override;
  int detach(Token token) override;
  Token connect(const ConnectOptions& options) override;
  uint32_t openDatagrams(const DatagramOptions& options) override;
  uint16_t portOfDatagrams(uint32_t socket) const override {
    return localAddressOf(datagrams_[socket]->fd()).port();
  }
  DatagramCounts closeDatagrams(uint32_t socket) override;
  DatagramCounts countsOf(uint32_t socket) const override { return datagrams_[socket]->counts(); }
  void sendDatagrams(uint32_t socket, std::span<const DatagramSocket::Outgoing> datagrams) override;
  bool takeWake() override;
  void settle() override;
  void finish(Token token) override;
  void close(Token token) override;
  void reset(Token token) override;
  void pause(Token token) override;
  void resume(Token token) override;
  void wantDrain(Token token) override;
  size_t unsentBytes(Token token) override;
  const Connection* find(Token token) override { return slots_.find(token); }
  const Counters& counters() const override { return counters_; }

 protected:
  DriverBase(Handler& handler, const Settings& settings, Slots slots);

  // What each driver does in its own way.
  /// May throw base::SystemError or std::out_of_range.
  virtual void startAccepting(uint32_t listener) = 0;
  /// Between these two, connections wait in the listener's backlog.
  virtual void suspendAccepting(uint32_t listener) = 0;
  virtual void resumeAccepting(uint32_t listener) = 0;
  /// The listener's descriptor is closed next.
  virtual void endAccepting(uint32_t listener) = 0;
  /// Of accept4, as this driver wants its sockets.
  virtual int acceptFlags() const = 0;
  /// Begins the attempt, whose end is reported by `connectionMade` or `closeNow`. Throws when it cannot
  /// begin.
  virtual void startConnecting(Connection& connection) = 0;
  /// Begins to receive from a new connection. Throws when there is no place for it.
  virtual void admit(Connection& connection) = 0;
  /// Receives, or does not, as the connection's state now asks for.
  virtual void update(Connection& connection) = 0;
  /// The connection may be read again after a pause.
  virtual void resumed(Connection& connection) = 0;
  /// Gives a connection of the ready list its turn.
  virtual void readOn(Connection& connection) = 0;
  virtual void acceptOn(uint32_t listener) = 0;
  /// Calls `receiveDatagrams` whenever the socket has some. Throws when it cannot be watched.
  virtual void watchDatagrams(uint32_t socket) = 0;
  /// All there was has been received.
  virtual void datagramsReceived(uint32_t socket) = 0;
  /// The descriptor is closed next.
  virtual void endDatagrams(uint32_t socket) = 0;
  /// Memory of the slab that is free until the batch ends.
  virtual std::span<uint8_t> room() = 0;
  virtual void takeRoom(size_t bytes) = 0;
  /// Closes the descriptor, and calls `freeLater`, as soon as the kernel is done with both.
  virtual void letGo(Connection& connection, int fd) = 0;

  /// How many connections the settings and the numbers of slots allow.
  static uint32_t limitOf(const Settings& settings);
  // admission.cc
  /// Returns false when there is no place for it; it is closed then.
  bool takeIn(base::Descriptor socket, uint32_t listener);
  /// Opens what waits in the backlog of a listener that is closed next: its peers believe themselves
  /// accepted.
  void openWaiting(uint32_t listener);
  void rejectWaiting(Listener& listener);
  void backOff(uint32_t listener);
  void resumeListeners();
  static base::Descriptor openReserve();
  // datagram_turns.cc
  void receiveDatagrams(uint32_t socket);
  // connect.cc
  void connectionMade(Connection& connection);
  // driver_base.cc
  void beginBatch();
  void endBatch();
  int64_t boundedTimeout(int64_t timeoutNs) const;
  bool discard(Connection& connection, size_t count);
  void endOfInput(Connection& connection);
  void queueEmptied(Connection& connection);
  void publish(const Connection& connection, size_t unsentBytes) {
    if (settings_.unsentBytes.empty()) return;
    settings_.unsentBytes[connection.slot] = static_cast<uint32_t>(unsentBytes);
  }
  void makeDirty(Connection& connection);
  void makeReady(Connection& connection);
  void makeReady(uint32_t listener);
  void putOff(Connection& connection);
  // closing.cc
  Connection* need(Token token);
  void finishNow(Connection& connection);
  void startLingering(Connection& connection);
  void idleOver(Connection& connection);
  void lingerOver(Connection& connection);
  size_t untakenBytes(const Connection& connection);
  static void abort(const Connection& connection);
  void closeNow(Connection& connection, int error);
  void freeLater(Connection& connection);
  void noteIdleTimeout(int64_t idleTimeoutNs);
  void scheduleCheck();
  void checkBy(int64_t dueNs);
  void checkDeadlines();

  Handler& handler_;
  Settings settings_;
  Slots slots_;
  SendBuffers spareBuffers_;
  std::vector<Listener> listeners_;
  std::vector<std::unique_ptr<DatagramSocket>> datagrams_;
  /// Connections and listeners that may have more, though no event will say so.
  std::vector<Token> ready_;
  std::vector<Token> readyNow_;
  /// What found no room in the slab: it comes before all others in the next turn, because otherwise the same
  /// ones would fill it in every turn.
  std::vector<Token> putOff_;
  std::vector<Token> dirty_;
  std::vector<uint32_t> closed_;
  /// The time of the current turn; read once per turn because a clock costs as much as a small system call.
  int64_t nowNs_;
  int64_t nextCheckNs_ = 0;
  uint32_t lingering_ = 0;
  int64_t shortestIdleTimeoutNs_ = 0;
  uint32_t backingOff_ = 0;
  /// Given up for a moment when descriptors run out, so that a waiting connection can be accepted and closed.
  base::Descriptor reserve_;
  int wakeFd_ = -1;
  bool woken_ = false;
  /// The handler is called no more.
  bool dropping_ = false;
  Counters counters_;

 private:
  void serveReadyList();
};

}  // namespace driver
