// The crossing between the driver and JavaScript: a batch of events goes over in one call, commands come back
// in one.
#pragma once

#include <napi.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "../driver/driver.h"
#include "layout.h"

namespace reactor {

/// Memory that JavaScript allocated and both sides use; the references keep it alive.
struct SharedMemory {
  std::span<uint8_t> received;
  std::span<uint8_t> outgoing;
  std::span<EventRecord> events;
  std::span<CommandRecord> commands;
  std::span<uint32_t> unsentBytes;
  Control* control;
};

class Crossing : public driver::Handler {
 public:
  Crossing(Napi::Env env, const SharedMemory& memory, Napi::Function onBatch);

  /// Must be called before anything happens; the driver needs its handler first.
  void attach(driver::Driver& driver) { driver_ = &driver; }
  /// Whether JavaScript is owed events that no wait will bring.
  bool owes() const { return !events_.empty(); }
  /// False once the environment cannot run JavaScript any more.
  bool alive() const { return alive_; }
  uint64_t crossings() const { return crossings_; }
  /// The first reason why a connection was turned away; empty when none was.
  const std::string& whyRejected() const { return whyRejected_; }

  /// Executes what JavaScript has queued; one send for each connection, however often it was written to.
  void executeCommands();

 private:
  struct Piece {
    iovec bytes;
    int32_t next;
  };
  /// The first and last piece of a connection's output in this round; -1 when it has none.
  struct Chain {
    int32_t first = -1;
    int32_t last = -1;
    driver::Token token = 0;
  };

  void opened(driver::Token connection, uint32_t listener) override;
  driver::Received data(driver::Token connection, std::span<const uint8_t> bytes) override;
  void drained(driver::Token connection) override;
  void ended(driver::Token connection) override;
  void closed(driver::Token connection, int error) override;
  void rejected(const std::string& reason) override;
  void datagram(uint32_t socket, std::span<const uint8_t> bytes) override;
  void datagramRefused(uint32_t socket, int error) override;
  void batchEnded() override;

  void add(driver::Token connection, EventKind kind, int32_t offset, int32_t length);
  void enterJavaScript(size_t count);
  void execute(const CommandRecord& command);
  void gather(driver::Token token, const uint8_t* bytes, size_t count);
  void sendGathered(Chain& chain);
  void gatherDatagram(uint32_t socket, const uint8_t* bytes, size_t count);
  void sendDatagrams();

  Napi::Env env_;
  SharedMemory memory_;
  Napi::FunctionReference onBatch_;
  driver::Driver* driver_ = nullptr;
  std::vector<EventRecord> events_;
  std::vector<EventRecord> delivering_;
  std::vector<Piece> pieces_;
  std::vector<Chain> chains_;
  std::vector<uint32_t> senders_;
  std::vector<iovec> vector_;
  /// Of one UDP socket, in their order.
  std::vector<driver::DatagramSocket::Outgoing> datagrams_;
  uint32_t datagramsOf_ = 0;
  uint64_t crossings_ = 0;
  std::string whyRejected_;
  bool alive_ = true;
};

}  // namespace reactor
