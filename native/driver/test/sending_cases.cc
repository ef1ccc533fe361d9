// Sending: the queue of what the kernel did not take, and when writability is asked for.
#include <cerrno>

#include "scene.h"

namespace driver::test {

namespace {

constexpr size_t kMoreThanBuffers = 16 * 1024 * 1024;
constexpr int kSilentTurns = 5;

}  // namespace

CASE("a short write is completed in order when the client reads late", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Token token = scene.records()[0].token;
  const std::string bytes = patternOf(kMoreThanBuffers);
  scene.send(token, bytes);
  check(scene.driver().unsentBytes(token) > 0, "The kernel took it all, so nothing is shown.");
  scene.send(token, "tail");
  check(readFrom(scene, client, bytes.size() + 4) == bytes + "tail", "A late reader got other bytes.");
  scene.turnUntil([&] { return scene.driver().unsentBytes(token) == 0; }, "The queue was never empty.");
}

CASE("a connection with nothing unsent is not reported as writable", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Token token = scene.records()[0].token;
  scene.onData = [&](Token from, const std::string& bytes) { scene.send(from, bytes); };
  const auto staysSilent = [&](const std::string& when) {
    const uint64_t before = scene.events();
    for (int time = 0; time < 3; ++time) scene.turn(5'000'000);
    checkEqual(scene.events(), before, "Events while nothing happens " + when);
  };
  client.send("hello");
  readFrom(scene, client, 5);
  staysSilent("after an echo");
  scene.send(token, patternOf(kMoreThanBuffers));
  readFrom(scene, client, kMoreThanBuffers);
  scene.turnUntil([&] { return scene.driver().unsentBytes(token) == 0; }, "The queue was never empty.");
  staysSilent("after the queue was emptied");
}

CASE("a full connection costs no waits until its client reads", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Token token = scene.records()[0].token;
  scene.send(token, patternOf(kMoreThanBuffers));
  // The kernel may still grow its buffers, now or when a late acknowledgement comes. A connection that is
  // reported though it has no room is reported in every turn, so it never lets several in a row be silent.
  uint64_t before = scene.events();
  int silentTurns = 0;
  scene.turnUntil(
      [&] {
        silentTurns = scene.events() == before ? silentTurns + 1 : 0;
        before = scene.events();
        return silentTurns > kSilentTurns;
      },
      "A full connection is reported again and again.");
}

CASE("many echoes change nothing in what is watched", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  scene.onData = [&](Token from, const std::string& bytes) { scene.send(from, bytes); };
  client.send("warm");
  readFrom(scene, client, 4);
  const uint64_t before = scene.controls();
  for (int time = 0; time < 50; ++time) {
    client.send("ping");
    readFrom(scene, client, 4);
  }
  checkEqual(scene.controls(), before, "Changes of what is watched over fifty echoes");
}

CASE("a queue asks for writability once when it fills, however much is added", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Token token = scene.records()[0].token;
  scene.send(token, patternOf(kMoreThanBuffers));
  scene.turn(0);
  const uint64_t before = scene.controls();
  for (int time = 0; time < 20; ++time) {
    scene.send(token, "more");
    scene.turn(0);
  }
  checkEqual(scene.controls(), before, "Changes of what is watched while a queue grows");
}

CASE("drain is reported once, when everything is with the kernel", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Token token = scene.records()[0].token;
  scene.onDrain = [&](Token drained) {
    checkEqual(scene.driver().unsentBytes(drained), size_t{0}, "Unsent bytes at the drain");
  };
  scene.send(token, patternOf(kMoreThanBuffers));
  scene.driver().wantDrain(token);
  scene.turn(0);
  checkEqual(scene.records()[0].drains, 0, "Drains before the client reads");
  readFrom(scene, client, kMoreThanBuffers);
  scene.turnUntil([&] { return scene.records()[0].drains == 1; }, "The drain was never record.");
  for (int time = 0; time < 3; ++time) scene.turn(0);
  checkEqual(scene.records()[0].drains, 1, "How often the drain is reported");
}

CASE("a FIN waits for the queue", kind) {
  Scene scene(kind);
  const Client client = scene.connect();
  const Token token = scene.records()[0].token;
  const std::string bytes = patternOf(kMoreThanBuffers);
  scene.send(token, bytes);
  scene.driver().finish(token);
  check(readFrom(scene, client, bytes.size()) == bytes, "A late reader got other bytes before the FIN.");
  checkEqual(endOf(scene, client), 0, "The error at the end of a finished connection");
}

CASE("writing to a connection that was reset is an ordinary close", kind) {
  Scene scene(kind);
  Client client = scene.connect();
  const Token token = scene.records()[0].token;
  client.reset();
  scene.send(token, "nobody listens");
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The close was never record.");
  checkEqual(scene.records()[0].error, ECONNRESET, "The error of a reset");
}

CASE("a broken pipe is an ordinary close, and no signal", kind) {
  Scene scene(kind);
  Client client = scene.connect();
  const Token token = scene.records()[0].token;
  client.endWriting();
  scene.turnUntil([&] { return scene.records()[0].ends == 1; }, "The end was never record.");
  // After the peer's FIN the kernel reports its reset as a broken pipe, with SIGPIPE to whoever did not ask
  // for none.
  client.reset();
  scene.send(token, "nobody listens");
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The close was never record.");
  checkEqual(scene.records()[0].error, EPIPE, "The error of a broken pipe");
}

CASE("a reset while the queue is full closes that connection and no other", kind) {
  Scene scene(kind);
  Client client = scene.connect();
  const Client other = scene.connect();
  scene.onData = [&](Token from, const std::string& bytes) { scene.send(from, bytes); };
  scene.driver().pause(scene.records()[0].token);
  scene.send(scene.records()[0].token, patternOf(kMoreThanBuffers));
  scene.turn(0);
  client.reset();
  scene.turnUntil([&] { return scene.records()[0].closes == 1; }, "The close was never record.");
  check(scene.records()[0].error == ECONNRESET || scene.records()[0].error == EPIPE,
        "A reset was reported with errno " + std::to_string(scene.records()[0].error) + ".");
  other.send("hello");
  checkEqual<std::string>(readFrom(scene, other, 5), "hello", "What the other client gets");
}

}  // namespace driver::test
