// Accepting: bursts, and what happens when no more connections can be taken.
#include <fcntl.h>
#include <sys/select.h>

#include "../../base/clock.h"
#include "scene.h"

namespace driver::test {

namespace {

constexpr size_t kBurst = 300;

std::vector<Client> knockers(const Scene& scene, size_t count) {
  std::vector<Client> clients;
  while (clients.size() < count) clients.push_back(scene.knock());
  return clients;
}

size_t openConnections(Scene& scene) {
  size_t open = 0;
  for (const Record& record : scene.records()) open += record.closes == 0 ? 1 : 0;
  return open;
}

}  // namespace

CASE("a burst of connections takes few waits, and all of it is accepted", kind) {
  Scene scene(kind);
  const std::vector<Client> clients = knockers(scene, kBurst);
  const uint64_t before = scene.waits();
  scene.turnUntil([&] { return scene.records().size() == kBurst; },
                  "A part of the burst was never accepted.");
  const uint64_t waits = scene.waits() - before;
  check(waits < kBurst / 10, "Accepting 300 connections took " + std::to_string(waits) + " waits.");
}

CASE("no turn accepts more than its budget", kind) {
  Scene scene(kind);
  const std::vector<Client> clients = knockers(scene, kBurst);
  for (size_t before = 0; before < kBurst; before = scene.records().size()) {
    scene.turnUntil([&] { return scene.records().size() > before; },
                    "A part of the burst was never accepted.");
    check(scene.records().size() - before <= kAcceptBudget,
          "One turn accepted " + std::to_string(scene.records().size() - before) + " connections.");
  }
  const Client after = scene.connect();
  after.send("hello");
  scene.turnUntil([&] { return scene.records().back().received == "hello"; }, "It did not go on accepting.");
}

CASE("a burst of connections does not keep the others waiting", kind) {
  Scene scene(kind);
  const Client early = scene.connect();
  const std::vector<Client> clients = knockers(scene, kBurst);
  early.send("hello");
  awaitDelivery(early);
  scene.turnUntil([&] { return scene.records()[0].received == "hello"; }, "A connection was starved.");
  check(scene.records().size() < kBurst, "A connection was only served after the whole burst was accepted.");
}

CASE("out of descriptors, one that waits learns of it, and the others are served", kind) {
  Scene scene(kind);
  const DescriptorLimit limit;
  const std::vector<Client> clients = knockers(scene, 3);
  limit.leave(2);
  scene.turnUntil([&] { return scene.driver().counters().rejected == 1; }, "Nobody was turned away.");
  checkEqual(scene.records().size(), size_t{2}, "The number of connections that were accepted");
  check(scene.whyRejected.find("ulimit -n") != std::string::npos,
        "The reason why it was turned away does not say what to do: " + scene.whyRejected);
  endOf(scene, clients[2]);
  clients[0].send("hello");
  scene.turnUntil([&] { return scene.records()[0].received == "hello"; }, "A connection was not served.");
}

CASE("a descriptor beyond the multiplexer's limit is turned away, and the reason names the limit", kind) {
  Scene scene(kind);
  // A number that the next connection must exceed.
  std::vector<Client> taken;
  while (taken.empty() || taken.back().fd() < FD_SETSIZE) taken.emplace_back(fcntl(0, F_DUPFD_CLOEXEC, 0));
  const Client client = scene.knock();
  const auto isOver = [&] { return scene.records().size() + scene.driver().counters().rejected > 0; };
  scene.turnUntil(isOver, "A client was neither accepted nor turned away.");
  checkEqual(scene.driver().counters().rejected, uint64_t{kind.limit == 0 ? 0u : 1u},
             "Connections turned away");
  checkEqual(scene.whyRejected.find("FD_SETSIZE (1024)") != std::string::npos, kind.limit != 0,
             "Whether the reason names FD_SETSIZE");
}

CASE("after it turned one away, accepting backs off", kind) {
  Scene scene(kind);
  const DescriptorLimit limit;
  const std::vector<Client> clients = knockers(scene, 8);
  limit.leave(2);
  scene.turnUntil([&] { return scene.driver().counters().rejected == 1; }, "Nobody was turned away.");
  const uint64_t before = scene.waits();
  const int64_t startedNs = base::monotonicNs();
  scene.turnUntil([&] { return scene.driver().counters().rejected == 4; }, "Nobody else was turned away.");
  const int64_t elapsedMs = (base::monotonicNs() - startedNs) / 1'000'000;
  check(elapsedMs >= 150, "Three backoffs took " + std::to_string(elapsedMs) + " ms, which is too short.");
  const auto allowed = static_cast<uint64_t>(elapsedMs / 10 + 10);
  const uint64_t waits = scene.waits() - before;
  check(waits <= allowed, "It waited " + std::to_string(waits) + " times while accepting backed off for " +
                              std::to_string(elapsedMs) + " ms.");
}

CASE("out of descriptors and without a reserve, it does not spin", kind) {
  Scene scene(kind);
  const DescriptorLimit limit;
  const std::vector<Client> clients = knockers(scene, 4);
  limit.leaveNothing();
  const uint64_t before = scene.waits();
  const int64_t startedNs = base::monotonicNs();
  scene.turnUntil([&] { return base::monotonicNs() - startedNs > 250'000'000; }, "The time does not pass.");
  const auto allowed = static_cast<uint64_t>((base::monotonicNs() - startedNs) / 10'000'000 + 10);
  const uint64_t waits = scene.waits() - before;
  check(waits <= allowed, "It waited " + std::to_string(waits) + " times, so it spins.");
  limit.lift();
  scene.turnUntil([&] { return openConnections(scene) == 4; }, "It did not accept again.");
}

CASE("the reserve is there again for the next shortage", kind) {
  Scene scene(kind);
  const DescriptorLimit limit;
  for (uint64_t shortage = 1; shortage <= 2; ++shortage) {
    const std::vector<Client> clients = knockers(scene, 2);
    limit.leave(1);
    scene.turnUntil([&] { return scene.driver().counters().rejected == shortage; },
                    "Nobody was turned away.");
    limit.lift();
  }
  const Client after = scene.connect();
  after.send("hello");
  scene.turnUntil([&] { return scene.records().back().received == "hello"; }, "It did not recover.");
}

CASE("it accepts again when a connection made room", kind) {
  Scene scene(kind);
  const DescriptorLimit limit;
  std::vector<Client> clients = knockers(scene, 3);
  limit.leave(1);
  scene.turnUntil([&] { return scene.driver().counters().rejected == 1; }, "Nobody was turned away.");
  scene.driver().reset(scene.records()[0].token);
  scene.turnUntil([&] { return scene.records().size() == 2 && openConnections(scene) == 1; },
                  "Nobody took the place that came free.");
}

CASE("one that was closed in its own opening leaves no trace", kind) {
  Scene scene(kind);
  scene.onOpen = [&](Token token) { scene.driver().reset(token); };
  const std::vector<Client> clients = knockers(scene, 20);
  scene.turnUntil([&] { return scene.records().size() == 20 && openConnections(scene) == 0; },
                  "A connection that was closed at once stayed.");
  scene.onOpen = nullptr;
  const Client after = scene.connect();
  after.send("hello");
  scene.turnUntil([&] { return scene.records().back().received == "hello"; }, "The next one was not served.");
}

}  // namespace driver::test
