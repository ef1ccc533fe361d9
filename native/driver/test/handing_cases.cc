// Sockets that come from somebody else or go to somebody else, Unix sockets, and datagrams.
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "scene.h"

namespace driver::test {

namespace {

constexpr size_t kWaiting = 200;

Client unixClient(const std::string& path) {
  Client client(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const Endpoint target("", 0, path);
  checkEqual(::connect(client.fd(), target.any(), target.length()), 0, "What connect returns");
  return client;
}

/// One datagram to the socket of the driver, as its memory has it: the peer, and the bytes behind.
struct Datagram {
  alignas(8) uint8_t memory[kPeerBytes + 64]{};
  size_t count;

  Datagram(uint16_t port, const std::string& text, const char* host = "127.0.0.1") : count(text.size()) {
    const Address peer(host, port);
    std::memcpy(memory, &peer, sizeof peer);
    std::memcpy(memory + kPeerBytes, text.data(), text.size());
  }
  DatagramSocket::Outgoing outgoing() const { return {memory + kPeerBytes, count}; }
};

DatagramOptions anyPort() {
  DatagramOptions options;
  options.host = "127.0.0.1";
  return options;
}

}  // namespace

CASE("a connection that is given away when it opens lives on under another listener", kind) {
  Scene scene(kind);
  ListenOptions none;
  none.adoptsOnly = true;
  const uint32_t other = scene.driver().listen(none);
  bool isFirst = true;
  scene.onOpen = [&](Token token) {
    if (!std::exchange(isFirst, false)) return;
    const int fd = scene.driver().detach(token);
    check(fd >= 0, "It was not given away.");
    check(scene.driver().adopt(fd, other), "It was not taken.");
  };
  const Client client = scene.knock();
  client.await(POLLOUT);
  client.send("before it is open");
  scene.turnUntil([&] { return scene.records().size() == 2 && scene.records()[0].closes == 1; },
                  "The connection did not change hands.");
  scene.turnUntil([&] { return scene.records()[1].received == "before it is open"; },
                  "What was sent early got lost.");
  scene.send(scene.records()[1].token, "answer");
  checkEqual(readFrom(scene, client, 6), std::string("answer"), "What the client gets");
  checkEqual(scene.driver().closeListener(other), 1u, "Connections of the other listener");
}

CASE("a connection with traffic is not given away", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  client.send("hello");
  scene.turnUntil([&] { return scene.records()[0].received == "hello"; }, "Nothing arrived.");
  checkEqual(scene.driver().detach(scene.records()[0].token), -1, "What detach returns");
  checkEqual(scene.records()[0].closes, 0, "Closes");
}

CASE("a connection that cannot be given away for want of a descriptor is counted as rejected", kind) {
  Scene scene(kind);
  const DescriptorLimit limit;
  int given = 0;
  scene.onOpen = [&](Token token) {
    limit.leaveNothing();
    given = scene.driver().detach(token);
    limit.lift();
  };
  const Client client = scene.connect();
  checkEqual(given, -1, "What detach returns");
  checkEqual(scene.driver().counters().rejected, uint64_t{1}, "Rejected");
  check(!scene.whyRejected.empty(), "Nobody was told why.");
  checkEqual(scene.records()[0].closes, 1, "Closes");
}

CASE("what a listener had accepted when it is closed is opened, and counted", kind) {
  Scene scene(kind);
  std::vector<Client> clients;
  while (clients.size() < kWaiting) clients.push_back(scene.knock());
  scene.turn(0);
  const uint32_t opened = scene.driver().closeListener(scene.listener());
  checkEqual(static_cast<size_t>(opened), scene.records().size(), "Connections that were reported");
  for (size_t index = 0; index < opened; ++index) {
    clients[index].await(POLLOUT);
    clients[index].send("hello");
  }
  scene.turnUntil(
      [&] {
        size_t heard = 0;
        for (const Record& record : scene.records()) heard += record.received == "hello" ? 1 : 0;
        return heard == opened;
      },
      "A connection that was accepted is not served.");
}

CASE("a Unix socket echoes, and its file goes with the listener", kind) {
  Scene scene(kind);
  ListenOptions where;
  where.path = "/tmp/driver-test-" + std::to_string(getpid());
  const uint32_t listener = scene.driver().listen(where);
  checkEqual(static_cast<int>(scene.driver().portOf(listener)), 0, "Its port");
  const Client client = unixClient(where.path);
  client.send("by path");
  scene.turnUntil([&] { return !scene.records().empty() && scene.records()[0].received == "by path"; },
                  "Nothing arrived.");
  checkEqual(scene.records()[0].closes, 0, "Closes");
  scene.driver().closeListener(listener);
  struct stat found{};
  checkEqual(::stat(where.path.c_str(), &found), -1, "What stat returns");
}

CASE("an outgoing connection to a Unix socket is opened like any other", kind) {
  Scene scene(kind);
  ListenOptions where;
  where.path = std::string("\0driver-test-", 13) + std::to_string(getpid());
  scene.driver().listen(where);
  ConnectOptions to;
  to.path = where.path;
  const Token token = scene.driver().connect(to);
  scene.turnUntil([&] { return scene.records().size() == 2; }, "One of the two ends was not opened.");
  scene.send(token, "out");
  scene.turnUntil(
      [&] {
        for (const Record& record : scene.records())
          if (record.received == "out") return true;
        return false;
      },
      "Nothing arrived.");
}

CASE("datagrams arrive whole and in their order, and the answer goes back", kind) {
  Scene scene(kind);
  const uint32_t one = scene.driver().openDatagrams(anyPort());
  const uint32_t other = scene.driver().openDatagrams(anyPort());
  const uint16_t port = scene.driver().portOfDatagrams(other);
  const Datagram first(port, "first");
  const Datagram empty(port, "");
  const Datagram last(port, "last");
  const DatagramSocket::Outgoing all[] = {first.outgoing(), empty.outgoing(), last.outgoing()};
  scene.driver().sendDatagrams(one, all);
  scene.turnUntil([&] { return scene.datagrams.size() == 3; }, "A datagram did not arrive.");
  checkEqual(scene.datagrams[0] + "|" + scene.datagrams[1] + "|" + scene.datagrams[2],
             std::string("first||last"), "What arrived");
  checkEqual(scene.driver().countsOf(one).sent, uint64_t{3}, "Sent");
  checkEqual(scene.driver().closeDatagrams(other).received, uint64_t{3}, "Received");
}

CASE("what a full receive buffer loses is counted by the kernel", kind) {
  Scene scene(kind);
  const uint32_t source = scene.driver().openDatagrams(anyPort());
  DatagramOptions small = anyPort();
  small.receiveBufferBytes = 4096;
  const uint32_t sink = scene.driver().openDatagrams(small);
  const Datagram datagram(scene.driver().portOfDatagrams(sink), "flood");
  const std::vector<DatagramSocket::Outgoing> flood(500, datagram.outgoing());
  scene.driver().sendDatagrams(source, flood);
  scene.turnUntil(
      [&] {
        const DatagramCounts counts = scene.driver().countsOf(sink);
        return counts.received + counts.lost == 500;
      },
      "Datagrams are unaccounted for.");
  check(scene.driver().countsOf(sink).lost > 0, "Nothing was lost.");
}

CASE("a datagram that the kernel refuses does not hold up the next", kind) {
  Scene scene(kind);
  const uint32_t source = scene.driver().openDatagrams(anyPort());
  const uint32_t sink = scene.driver().openDatagrams(anyPort());
  const uint16_t port = scene.driver().portOfDatagrams(sink);
  // A socket of the loopback cannot send into another network.
  const Datagram lost(port, "lost", "192.0.2.1");
  const Datagram kept(port, "kept");
  const DatagramSocket::Outgoing both[] = {lost.outgoing(), kept.outgoing()};
  scene.driver().sendDatagrams(source, both);
  scene.turnUntil([&] { return scene.datagrams.size() == 1; }, "The second one did not arrive.");
  checkEqual(scene.refusals.size(), size_t{1}, "Refusals");
}

}  // namespace driver::test
