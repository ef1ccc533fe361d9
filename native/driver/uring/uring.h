// The completion driver: io_uring accepts, receives and sends by itself, and reports what it did.
//
// One `io_uring_enter` in each turn submits all that the turn before asked for and waits. Accepts and
// receives are multishot: asked for once, they complete again and again, a receive into a buffer that the
// kernel takes from a ring in the slab. In the steady state an echo costs a completion, one send request and
// a share of one system call.
//
// A send must not wait at first (MSG_DONTWAIT) and completes on failure only, so that it is over when the
// system call that submits it returns, and ends no sleep for nothing. What the kernel did not take is sent
// again by a request that waits in the kernel until there is room.
//
// A request in flight holds its file open. A connection that ends with requests in flight is over for the
// handler at once; the requests are cancelled, and the last completion closes the descriptor and frees the
// slot. The next `io_uring_enter` brings it, so the peer learns of it promptly.
//
// With DEFER_TASKRUN recent kernels deliver no more than a few (Linux 6.18: 20) of the completions that came
// about meanwhile in each call, and a turn makes one call. A busy peer gets 32 buffers in a row from the
// kernel before the others have their turn. What is beyond a connection's or a listener's share of a turn is
// held and delivered in the next one, and meanwhile the kernel is asked for no more of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../driver_base.h"
#include "connection.h"
#include "receive_buffers.h"

namespace driver {

class UringDriver final : public DriverBase {
 public:
  /// Throws base::SystemError when the kernel lacks something.
  UringDriver(Handler& handler, const Settings& settings);
  ~UringDriver() override;

  void dropAll() override;
  void watchWake(int fd) override { wakeFd_ = fd; }
  void turn(int64_t timeoutNs) override;
  void submit() override;
  void send(Token token, std::span<const iovec> pieces) override;
  size_t unsentBytes(Token token) override;
  const multiplexer::Counters& multiplexerCounters() const override { return waiting_; }

 private:
  static UringConnection& own(Connection& connection) { return static_cast<UringConnection&>(connection); }

  enum class Operation : uint8_t { Cancel, Accept, Receive, Send, Wake, Connect, Datagrams };
  struct Completion {
    Operation operation;
    /// Of a slot or a listener. A slot stays taken until its last completion, so it needs no generation.
    uint32_t number;
    int result;
    uint32_t flags;

    bool isLast() const;
    bool hasBuffer() const;
    uint16_t buffer() const;
  };

  struct InstantSend {
    uint32_t slot;
    /// Among all requests of the ring.
    unsigned place;
  };

  // uring.cc
  static uint64_t userDataOf(Operation operation, uint32_t number);
  io_uring_sqe* request(Operation operation, uint32_t number, int fd);
  void cancel(Operation operation, uint32_t number);
  void cancelAll();
  void enter(unsigned awaited, int64_t timeoutNs);
  void reap();
  void prepare();
  void serve(const Completion& completion);
  void letGo(Connection& connection, int fd) override;
  void closeWhenQuiet(UringConnection& connection);
  // accept.cc
  void startAccepting(uint32_t listener) override;
  void suspendAccepting(uint32_t listener) override;
  void resumeAccepting(uint32_t listener) override;
  void endAccepting(uint32_t listener) override;
  void acceptOn(uint32_t listener) override;
  /// Blocking, so that a send that has to wait waits in the kernel.
  int acceptFlags() const override { return SOCK_CLOEXEC; }
  void admit(Connection& connection) override;
  void accepted(const Completion& completion);
  void withdrawAccepting(uint32_t listener);
  bool refuse(uint32_t listener, int error);
  bool open(uint32_t listener, base::Descriptor socket);
  void keepAccepting(uint32_t listener);
  // datagrams.cc
  void watchDatagrams(uint32_t socket) override;
  void datagramsReceived(uint32_t socket) override;
  void endDatagrams(uint32_t socket) override;
  std::span<uint8_t> room() override { return held_.subspan(heldUsed_); }
  void takeRoom(size_t bytes) override { heldUsed_ += bytes; }
  void datagramsReady(const Completion& completion);
  // connect.cc
  void startConnecting(Connection& connection) override;
  void connected(const Completion& completion);
  // transfer.cc
  void update(Connection& connection) override;
  void resumed(Connection& connection) override;
  void readOn(Connection& connection) override;
  void received(const Completion& completion);
  void take(UringConnection& connection, uint16_t buffer, size_t count);
  void deliver(UringConnection& connection, HeldInput::Piece piece);
  bool deliverCopy(UringConnection& connection);
  void copyPieces(UringConnection& connection);
  void dropHeld(UringConnection& connection);
  void receiveEnded(UringConnection& connection, int result);
  void requestSend(UringConnection& connection);
  void prepareSends();
  void concludeSends();
  void sent(const Completion& completion);
  void giveBackKept();

  multiplexer::UringRing ring_;
  /// By the number of the listener.
  std::vector<UringListener> accepting_;
  /// By the number of the UDP socket: whether its poll is in flight.
  std::vector<bool> polling_;
  /// The last part of the slab: what arrived in a pause is delivered from here.
  std::span<uint8_t> held_;
  size_t heldUsed_ = 0;
  ReceiveBuffers buffers_;
  /// Buffers whose bytes the handler keeps until the batch ends.
  std::vector<uint16_t> kept_;
  std::vector<Token> toSend_;
  /// Sends that are over when they are submitted.
  std::vector<InstantSend> instantSends_;
  /// Requests with a completion to come.
  size_t inFlight_ = 0;
  std::vector<Completion> completions_;
  std::vector<Completion> serving_;
  bool wakeArmed_ = false;
  uint32_t turn_ = 0;
  multiplexer::Counters waiting_;
};

}  // namespace driver
