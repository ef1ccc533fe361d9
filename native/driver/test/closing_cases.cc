// Closing: late events and commands, who learns what, and the limits in time.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "../../base/clock.h"
#include "scene.h"

namespace driver::test {

namespace {

constexpr size_t kMoreThanBuffers = 16 * 1024 * 1024;

}  // namespace

CASE("closing with unread input delivers the answer, and no reset", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const std::string answer = patternOf(200'000);
  scene.onData = [&](Token token, const std::string&) {
    checkEqual(scene.of(token).closes, 0, "Closes before the answer");
    scene.send(token, answer);
    scene.driver().close(token);
  };
  client.send("?");
  client.send(std::string(50'000, 'u'));
  awaitDelivery(client);
  std::string got = readFrom(scene, client, 1);
  client.send(std::string(50'000, 'v'));
  if (got.size() < answer.size()) got += readFrom(scene, client, answer.size() - got.size());
  check(got == answer, "Of an answer of 200000 bytes came " + std::to_string(got.size()) + ".");
  checkEqual(endOf(scene, client), 0, "The error at the end of a closed connection");
  client.endWriting();
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The close was never record.");
}

CASE("a close delivers the queue to a client that reads late", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const std::string bytes = patternOf(8 * 1024 * 1024);
  scene.send(scene.records()[0].token, bytes);
  scene.driver().close(scene.records()[0].token);
  check(readFrom(scene, client, bytes.size()) == bytes, "A late reader got other bytes before the close.");
  checkEqual(endOf(scene, client), 0, "The error at the end of a closed connection");
}

CASE("a peer that does not end is cut off after the close", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  scene.driver().close(scene.records()[0].token);
  checkEqual(endOf(scene, client), 0, "The error at the end of a closed connection");
  checkEqual(scene.records()[0].closes, 0, "Closes while the peer may still end");
  scene.turnUntil([&] { return scene.records()[0].closes == 1; },
                  "A peer that does not end was never cut off.");
}

CASE("a peer that takes nothing of the queue is cut off after the close, and learns that bytes are missing",
     kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Token token = scene.records()[0].token;
  scene.send(token, std::string(kMoreThanBuffers, 'q'));
  scene.driver().close(token);
  scene.turnUntil([&] { return scene.records()[0].closes == 1; },
                  "A peer that takes nothing was never cut off.");
  checkEqual(scene.records()[0].error, ETIMEDOUT, "The error of a close that lost bytes");
  checkEqual(endOf(scene, client), ECONNRESET, "The error at the end of a connection that was cut off");
}

CASE("a slow peer is not cut off while it takes more of the queue", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Token token = scene.records()[0].token;
  scene.send(token, std::string(kMoreThanBuffers, 'q'));
  scene.driver().close(token);
  // For longer than two limits, a little at a time.
  const int64_t startedNs = base::monotonicNs();
  size_t gotBytes = 0;
  scene.turnUntil(
      [&] {
        char bytes[1 << 15];
        gotBytes += static_cast<size_t>(std::max<ssize_t>(::recv(client.fd(), bytes, sizeof bytes, 0), 0));
        return base::monotonicNs() - startedNs > 5'000'000'000;
      },
      "The time does not pass.");
  checkEqual(scene.records()[0].closes, 0, "Closes while the peer takes more");
  gotBytes += readFrom(scene, client, kMoreThanBuffers - gotBytes).size();
  checkEqual(gotBytes, kMoreThanBuffers, "The bytes that a slow peer got");
  checkEqual(endOf(scene, client), 0, "The error at the end of a closed connection");
}

CASE("a peer that goes on sending is cut off after the close", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  scene.driver().close(scene.records()[0].token);
  const std::string more(1 << 20, 'x');
  ssize_t sentBytes = 0;
  scene.turnUntil(
      [&] {
        sentBytes += std::max<ssize_t>(::send(client.fd(), more.data(), more.size(), MSG_NOSIGNAL), 0);
        return scene.records()[0].closes == 1;
      },
      "A peer that goes on sending was never cut off.");
  // A mebibyte is thrown away; the rest of the allowance is what the kernel's buffers may hold.
  check(sentBytes < 64 << 20, "It was read " + std::to_string(sentBytes) + " bytes before it was cut off.");
  checkEqual(scene.records()[0].received.size(), size_t{0}, "The bytes reported after the close");
}

CASE("an idle connection is closed with ETIMEDOUT before a busy one", kind) {
  Scene scene(kind, {.idleTimeoutMs = 60});
  const Client idle = scene.connect();
  const Client busy = scene.connect();
  scene.turnUntil(
      [&] {
        busy.send("x");
        return scene.records()[0].closes == 1;
      },
      "An idle connection was never closed.");
  checkEqual(scene.records()[0].error, ETIMEDOUT, "The error of an idle connection");
  checkEqual(scene.records()[1].closes, 0, "Closes of a busy connection");
}

CASE("a descriptor that is used again in its batch gets nothing of its predecessor", kind) {
  Scene scene(kind);
  for (int round = 0; round < 20; ++round) {
    const size_t first = scene.records().size();
    const Client one = scene.connect();
    const Client two = scene.connect();
    const Token tokens[] = {scene.records()[first].token, scene.records()[first + 1].token};
    // Whoever is served first resets the other one, whose event is then stale, and whose descriptor number
    // goes to the client that knocks in the same batch.
    scene.onData = [&](Token token, const std::string&) {
      for (const Token other : tokens)
        if (other != token) scene.driver().reset(other);
    };
    one.send("one");
    two.send("two");
    awaitDelivery(one);
    awaitDelivery(two);
    const Client next = scene.knock();
    scene.turnUntil([&] { return scene.records().size() == first + 3; }, "The next one was not accepted.");
    scene.onData = nullptr;
    next.send("three");
    scene.turnUntil([&] { return scene.records()[first + 2].received.size() >= 5; }, "It was not read.");
    checkEqual<std::string>(scene.records()[first + 2].received, "three", "What the next one received");
    checkEqual(scene.records()[first].closes + scene.records()[first + 1].closes, 1, "Closes of the two");
    checkEqual(scene.records()[first + 2].closes, 0, "Closes of the next one");
    checkEqual(scene.records()[first].afterClose + scene.records()[first + 1].afterClose, 0,
               "What was reported after a close");
  }
}

CASE("a command for a connection that is gone never reaches the next one in its place", kind) {
  Scene scene(kind);
  const Client first = scene.connect();
  const Token gone = scene.records()[0].token;
  scene.driver().reset(gone);
  scene.driver().settle();
  const Client second = scene.connect();
  const Token token = scene.records()[1].token;
  check(token != gone, "Two connections have the same name.");
  scene.send(gone, "for the first");
  scene.driver().pause(gone);
  scene.driver().finish(gone);
  scene.driver().reset(gone);
  check(scene.driver().counters().staleDrops >= 4, "Commands for a connection that is gone are not counted.");
  second.send("hello");
  scene.turnUntil([&] { return scene.records()[1].received == "hello"; }, "The next one was not read.");
  scene.send(token, "answer");
  checkEqual<std::string>(readFrom(scene, second, 6), "answer", "What the next one reads");
}

CASE("a close names its connection, though its place is soon another's", kind) {
  Scene scene(kind);
  Client first = scene.connect();
  first.close();
  scene.onEnd = [&](Token token) { scene.driver().finish(token); };
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The close was never record.");
  const Client second = scene.connect();
  checkEqual(scene.records()[1].closes, 0, "Closes of the next one");
}

CASE("a closed connection is not watched any more, even while another descriptor keeps it alive", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  // As a child process would, that was forked without closing it.
  const multiplexer::test::Descriptor copy(dup(serverEndOf(client)));
  scene.driver().reset(scene.records()[0].token);
  scene.turn(0);
  client.send("into the void");
  awaitDelivery(client);
  const uint64_t before = scene.events();
  for (int time = 0; time < 3; ++time) scene.turn(5'000'000);
  checkEqual(scene.events(), before, "Events of a closed connection");
}

CASE("a reset by the peer closes that connection with ECONNRESET and no other", kind) {
  Scene scene(kind);
  Client client = scene.connect();
  const Client other = scene.connect();
  client.reset();
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The close was never record.");
  checkEqual(scene.records()[0].error, ECONNRESET, "The error of a reset");
  other.send("hello");
  scene.turnUntil([&] { return scene.records()[1].received == "hello"; }, "The other one was not served.");
}

CASE("a reset after the peer's FIN is met, though nobody reads or writes", kind) {
  Scene scene(kind);
  Client client = scene.connect();
  client.endWriting();
  scene.turnUntil([&] { return scene.records()[0].ends == 1; }, "The end was never record.");
  scene.send(scene.records()[0].token, patternOf(16 * 1024 * 1024));
  scene.turn(0);
  client.reset();
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The close was never record.");
}

CASE("a reset of a paused connection is met on resume, and costs no waits until then", kind) {
  Scene scene(kind);
  Client client = scene.connect();
  scene.driver().pause(scene.records()[0].token);
  scene.turn(0);
  client.reset();
  scene.turn(5'000'000);
  const uint64_t before = scene.events();
  for (int time = 0; time < 3; ++time) scene.turn(5'000'000);
  checkEqual(scene.events(), before, "Events of a paused connection that was reset");
  checkEqual(scene.records()[0].closes, 0, "Closes while it is paused");
  scene.driver().resume(scene.records()[0].token);
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The close was never record.");
}

}  // namespace driver::test
