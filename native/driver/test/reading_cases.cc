// Reading: fairness between connections, what an edge does not report twice, and the peer's end.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "scene.h"

namespace driver::test {

namespace {

/// More than one cap, so that a turn cannot take all of it.
constexpr size_t kLoudBytes = 5 * kReadCapBytes / 2;

/// Sends more than a read cap, all of which lies in the server's kernel when this returns.
std::string fillServerSide(const Client& client) {
  const int roomBytes = 4 * kLoudBytes;
  const int result = setsockopt(serverEndOf(client), SOL_SOCKET, SO_RCVBUF, &roomBytes, sizeof roomBytes);
  checkEqual(result, 0, "What setsockopt SO_RCVBUF returns");
  const std::string bytes = patternOf(kLoudBytes);
  client.send(bytes);
  awaitDelivery(client);
  return bytes;
}

}  // namespace

CASE("a busy connection is read no more than the cap in a turn, and a quiet one gets its turn", kind) {
  Scene scene(kind);
  const Client busy = scene.connect();
  const Client quiet = scene.connect();
  fillServerSide(busy);
  quiet.send("hello");
  awaitDelivery(quiet);
  size_t busyBytes = 0;
  scene.turnUntil(
      [&] {
        check(scene.records()[0].receivedInTurn <= kReadCapBytes,
              "A busy connection was read " + std::to_string(scene.records()[0].receivedInTurn) +
                  " bytes in one turn.");
        busyBytes += scene.records()[0].receivedInTurn;
        return scene.records()[1].received == "hello";
      },
      "The quiet connection was starved.");
  check(busyBytes < kLoudBytes, "The quiet connection had to wait until the busy one was read.");
  check(busyBytes > 0, "The busy connection was starved instead.");
}

CASE("a burst of more events than there is room for loses none", kind) {
  // Bytes and an end for each: more than one wait reports, and more completions than the queue of the
  // completion driver holds, which a kernel that does not hand them out in small portions would overflow.
  // select has no room for so many connections.
  const bool isSelect = std::string(kind.name) == "select";
  const size_t count = isSelect ? 200 : 2'500;
  multiplexer::test::requireOpenFiles(2 * count + 100);
  Scene scene(kind);
  std::vector<Client> clients;
  while (clients.size() < count) clients.push_back(scene.connect());
  for (const Client& client : clients) {
    client.send("x");
    client.endWriting();
  }
  size_t missing = count;
  scene.turnUntil(
      [&] {
        missing = 0;
        for (const Record& one : scene.records()) missing += one.received == "x" && one.ends == 1 ? 0 : 1;
        return missing == 0;
      },
      "Connections of a great burst were never reported.");
}

CASE("what the cap left is read although nothing more arrives", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  Record& record = scene.records()[0];
  const std::string bytes = fillServerSide(client);
  scene.turnUntil([&] { return record.received.size() >= bytes.size(); },
                  "What was left after a capped read never came.");
  check(record.received == bytes, "What was left after a capped read came in another order.");
}

CASE("what the cap left is reported before the end, in order, and not at all once the connection is gone",
     kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  Client gone = scene.connect();
  const Token tokens[] = {scene.records()[0].token, scene.records()[1].token};
  const std::string bytes = fillServerSide(client);
  fillServerSide(gone);
  client.endWriting();
  awaitDelivery(client, true);
  scene.onEnd = [&](Token token) { check(scene.of(token).received == bytes, "The end came too early."); };
  scene.turnUntil(
      [&] { return !scene.records()[0].received.empty() && !scene.records()[1].received.empty(); },
      "A busy connection was starved.");
  scene.driver().reset(tokens[1]);
  scene.turnUntil([&] { return scene.records()[0].ends == 1; }, "The end was never record.");
  check(scene.records()[0].received == bytes, "What was left after a capped read came in another order.");
  checkEqual(scene.records()[1].afterClose, 0, "What was reported after a close");
}

CASE("a pause keeps what the cap left, and leaves the slab to the others", kind) {
  Scene scene(kind, {.slabBytes = kSmallestSlabBytes});
  std::vector<Client> busy;
  while (busy.size() < 4) busy.push_back(scene.connect());
  std::string bytes;
  for (const Client& client : busy) bytes = fillServerSide(client);
  scene.onData = [&](Token token, const std::string&) { scene.driver().pause(token); };
  const auto allPaused = [&] {
    for (const Record& record : scene.records())
      if (record.received.empty()) return false;
    return true;
  };
  scene.turnUntil(allPaused, "A busy connection was starved.");
  scene.onData = nullptr;
  const Client other = scene.connect();
  const std::string all = fillServerSide(other);
  scene.turnUntil([&] { return scene.records()[4].received == all; },
                  "Paused ones kept the slab for themselves.");
  for (size_t index = 0; index < busy.size(); ++index) scene.driver().resume(scene.records()[index].token);
  for (size_t index = 0; index < busy.size(); ++index) {
    scene.turnUntil([&] { return scene.records()[index].received.size() >= bytes.size(); },
                    "What a pause kept never came.");
    check(scene.records()[index].received == bytes, "What a pause kept came in another order.");
  }
}

CASE("a close after a part of what a pause kept was reported drops the rest", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Token token = scene.records()[0].token;
  fillServerSide(client);
  scene.onData = [&](Token from, const std::string&) {
    // Paused first, so that what follows is kept, and closed when the cap has left a part of that.
    if (scene.records()[0].received.size() < kReadCapBytes / 2) return scene.driver().pause(from);
    scene.driver().close(from);
    scene.onData = nullptr;
  };
  scene.turnUntil([&] { return !scene.records()[0].received.empty(); }, "It was never read.");
  for (int time = 0; time < 3; ++time) scene.turn(0);
  if (scene.onData) scene.driver().resume(token);
  scene.turnUntil([&] { return !scene.onData; }, "What a pause kept never came.");
  const size_t receivedBytes = scene.records()[0].received.size();
  client.endWriting();
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The close was never record.");
  checkEqual(scene.records()[0].received.size(), receivedBytes, "The bytes that were reported in all");
}

CASE("what found no room in the slab is read in a later turn", kind) {
  Scene scene(kind, {.slabBytes = kSmallestSlabBytes, .received = Received::Kept});
  std::vector<Client> clients;
  while (clients.size() < 12) clients.push_back(scene.connect());
  const std::string bytes = patternOf(30'000);
  for (const Client& client : clients) client.send(bytes);
  for (const Client& client : clients) awaitDelivery(client);
  const auto allCame = [&] {
    for (const Record& record : scene.records())
      if (record.received.size() < bytes.size()) return false;
    return true;
  };
  scene.turnUntil(allCame, "What found no room in the slab never came.");
  for (const Record& record : scene.records())
    check(record.received == bytes, "Bytes were mixed up in the slab.");
  check(scene.driver().counters().bufferExhaustion > 0, "The slab was never full, so nothing was shown.");
}

CASE("connections that never run dry do not keep the slab from others", kind) {
  Scene scene(kind, {.slabBytes = kSmallestSlabBytes, .received = Received::Kept});
  std::vector<Client> busy;
  while (busy.size() < 10) busy.push_back(scene.connect());
  const std::string bytes = patternOf(kReadCapBytes);
  for (const Client& client : busy) fillServerSide(client);
  for (int turn = 0; turn < 30; ++turn) {
    scene.turn(0);
    // As much as fits: what was read makes room.
    for (const Client& client : busy)
      (void)!::send(client.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  for (const Record& record : scene.records())
    check(!record.received.empty(), "The same connections filled the slab in every turn.");
}

CASE("a FIN that comes together with data is met after the data", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  scene.onEnd = [&](Token token) {
    checkEqual<std::string>(scene.of(token).received, "goodbye", "What came before the end");
  };
  client.send("goodbye");
  client.endWriting();
  awaitDelivery(client, true);
  scene.turnUntil([&] { return scene.records()[0].ends == 1; }, "The end was never record.");
}

CASE("a FIN that comes after its connection's event and before the read is met", kind) {
  Scene scene(kind);
  const Client clients[] = {scene.connect(), scene.connect()};
  const Token first = scene.records()[0].token;
  // Both events are in one batch, and while the first of them is served, the other peer ends.
  scene.onData = [&](Token token, const std::string&) {
    const Client& other = clients[token == first ? 1 : 0];
    other.endWriting();
    awaitDelivery(other, true);
    scene.onData = nullptr;
  };
  for (const Client& client : clients) client.send("hello");
  for (const Client& client : clients) awaitDelivery(client);
  scene.turnUntil([&] { return scene.records()[0].ends + scene.records()[1].ends == 1; },
                  "The end was never record.");
  checkEqual<std::string>(scene.records()[0].received + scene.records()[1].received, "hellohello",
                          "What came");
}

CASE("a message is one read, however readiness is reported", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  scene.onData = [&](Token from, const std::string& bytes) { scene.send(from, bytes); };
  const uint64_t before = scene.driver().counters().reads;
  for (int time = 0; time < 50; ++time) {
    client.send("ping");
    readFrom(scene, client, 4);
  }
  checkEqual(scene.driver().counters().reads - before, uint64_t{50}, "The reads of fifty messages");
}

CASE("a half-close is no close: the answer comes after the peer's FIN", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  client.send("question");
  client.endWriting();
  scene.turnUntil([&] { return scene.records()[0].ends == 1; }, "The end was never record.");
  checkEqual(scene.records()[0].closes, 0, "Closes after a half-close");
  scene.send(scene.records()[0].token, "answer");
  checkEqual<std::string>(readFrom(scene, client, 6), "answer", "What a half-closed client reads");
  scene.driver().finish(scene.records()[0].token);
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The connection was not closed.");
  checkEqual(scene.records()[0].error, 0, "The error of an orderly close");
}

CASE("the peer's end is reported once and then costs no more waits", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  client.endWriting();
  scene.turnUntil([&] { return scene.records()[0].ends == 1; }, "The end was never record.");
  const uint64_t before = scene.events();
  for (int time = 0; time < 3; ++time) scene.turn(5'000'000);
  checkEqual(scene.events(), before, "Events of a connection whose peer has ended");
  checkEqual(scene.records()[0].ends, 1, "How often the end is reported");
}

CASE("a hang-up does not discard unread data", kind) {
  Scene scene(kind);
  Client client = scene.connect();
  const Token token = scene.records()[0].token;
  // Both directions are over when the server looks, which is what a hang-up is.
  scene.driver().finish(token);
  const std::string bytes = patternOf(50'000);
  const multiplexer::test::Descriptor serverEnd(dup(serverEndOf(client)));
  client.send(bytes);
  client.close();
  serverEnd.await(POLLHUP);
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The end was never record.");
  check(scene.records()[0].received == bytes, "Of " + std::to_string(bytes.size()) +
                                                  " bytes before a hang-up came " +
                                                  std::to_string(scene.records()[0].received.size()) + ".");
}

CASE("what arrived while nobody read is read on resume, although its edge is long over", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Client other = scene.connect();
  const Token token = scene.records()[0].token;
  scene.driver().pause(token);
  scene.driver().settle();
  client.send("late");
  awaitDelivery(client);
  other.send("early");
  scene.turnUntil([&] { return scene.records()[1].received == "early"; }, "The other one was not read.");
  checkEqual<std::string>(scene.records()[0].received, "", "What a paused connection was read");
  scene.driver().resume(token);
  scene.turnUntil([&] { return scene.records()[0].received == "late"; }, "What had arrived never came.");
}

CASE("a paused connection with unread data costs no waits", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  scene.driver().pause(scene.records()[0].token);
  // The first turn learns of the pause, the next one no longer receives.
  for (int time = 0; time < 2; ++time) scene.turn(0);
  client.send("unread");
  awaitDelivery(client);
  const uint64_t before = scene.events();
  for (int time = 0; time < 3; ++time) scene.turn(5'000'000);
  checkEqual(scene.events(), before, "Events of a paused connection with unread data");
  checkEqual<std::string>(scene.records()[0].received, "", "What a paused connection was read");
}

CASE("pause and resume within one batch lose nothing of what that batch would have read", kind) {
  Scene scene(kind);
  const Client clients[] = {scene.connect(), scene.connect()};
  const Token tokens[] = {scene.records()[0].token, scene.records()[1].token};
  std::optional<Token> paused;
  // Whoever is served first pauses the other one, whose event is in the same batch, and is then used up.
  scene.onData = [&](Token token, const std::string&) {
    if (paused) return;
    paused = token == tokens[0] ? tokens[1] : tokens[0];
    scene.driver().pause(*paused);
  };
  scene.onBatchEnd = [&] {
    if (!paused) return;
    checkEqual<std::string>(scene.of(*paused).received, "", "What was read in the pause");
    scene.driver().resume(*paused);
    scene.onBatchEnd = nullptr;
  };
  for (const Client& client : clients) client.send("hello");
  for (const Client& client : clients) awaitDelivery(client);
  const auto bothCame = [&] {
    return scene.records()[0].received + scene.records()[1].received == "hellohello";
  };
  scene.turnUntil(bothCame, "What a batch left because of a pause never came.");
}

CASE("an owner's descriptor that stays readable wakes again", kind) {
  Scene scene(kind);
  const multiplexer::test::Descriptor event = multiplexer::test::idle();
  scene.driver().watchWake(event.fd());
  multiplexer::test::signal(event);
  for (int time = 0; time < 3; ++time) {
    bool woken = false;
    scene.turnUntil([&] { return woken = scene.driver().takeWake() || woken; },
                    "The owner's descriptor did not wake it again.");
  }
}

}  // namespace driver::test
