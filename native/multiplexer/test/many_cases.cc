// Many descriptors, high numbers, and more events than fit.
#include <poll.h>

#include <set>

#include "fixtures.h"
#include "suite.h"

namespace multiplexer::test {

constexpr size_t kMany = 3000;

// Watches all that the back end takes, with the index as the token. Returns how many these are.
static size_t watchAll(const Kind& kind, Subject& set, const std::vector<Descriptor>& many) {
  size_t watched = 0;
  for (const Descriptor& event : many) {
    const auto add = [&] { set->add(event.fd(), kReadable, watched); };
    if (kind.limit != 0 && event.fd() >= kind.limit) {
      messageOf<std::out_of_range>(add, "Descriptor " + std::to_string(event.fd()));
    } else {
      add();
      ++watched;
    }
  }
  check(watched > 0, "The back end should take some of them.");
  return watched;
}

CASE("one of 3,000 is found, wherever it is", kind) {
  Subject set(kind);
  const std::vector<Descriptor> many = idleOnes(kMany);
  const size_t watched = watchAll(kind, set, many);
  checkEqual<std::string>(set.wait(0), "", "What idle descriptors bring");
  for (const size_t index : {size_t{0}, watched / 2, watched - 1}) {
    signal(many[index]);
    checkEqual(set.wait(-1), std::to_string(index) + ":R", "What one ready among many brings");
    set->remove(many[index].fd());
  }
}

static void checkAllComeOnce(Subject& set, size_t expected, size_t room) {
  std::set<uint64_t> seen;
  std::vector<Event> events(room);
  // Each wait that finds something brings at least one, so starvation shows within as many waits as there
  // are.
  for (size_t time = 0; time < expected && seen.size() < expected; ++time) {
    const size_t count = set->wait(events, -1);
    for (size_t index = 0; index < count; ++index) seen.insert(events[index].token);
  }
  checkEqual(seen.size(), expected, "The number of descriptors that had their turn");
}

CASE("more events than fit come next time, and none starves", kind) {
  Subject set(kind);
  const std::vector<Descriptor> many = idleOnes(10);
  for (size_t index = 0; index < many.size(); ++index) {
    signal(many[index]);
    set->add(many[index].fd(), kReadable, index);
  }
  checkAllComeOnce(set, many.size(), 3);
}

CASE("what did not fit comes next time, though all others are idle by then", kind) {
  Subject set(kind);
  const Pair pairs[2];
  for (size_t index = 0; index < 2; ++index) {
    pairs[index].far.send("hello");
    pairs[index].near.await(POLLIN);
    set->add(pairs[index].near.fd(), kReadable, index);
  }
  const uint64_t first = set.next().token;
  pairs[first].near.receive();
  checkEqual(set.wait(-1), std::to_string(1 - first) + ":R", "What comes next time");
}

CASE("3,000 that were ready before all come", kind) {
  Subject set(kind);
  const std::vector<Descriptor> many = idleOnes(kMany);
  for (const Descriptor& event : many) signal(event);
  checkAllComeOnce(set, watchAll(kind, set, many), 64);
}

CASE("3,000 that become ready between two waits all come", kind) {
  Subject set(kind);
  const std::vector<Descriptor> many = idleOnes(kMany);
  const size_t watched = watchAll(kind, set, many);
  checkEqual<std::string>(set.wait(0), "", "What idle descriptors bring");
  for (const Descriptor& event : many) signal(event);
  checkAllComeOnce(set, watched, 64);
  // Without DEFER_TASKRUN completions arrive at any time, and these are more than the queue holds.
  const bool mustOverflow = std::string(kind.name) == "uring-poll-before-6.1";
  check(!mustOverflow || set->counters().overflows > 0,
        "The overflow of the completion queue should be counted.");
}

CASE("a number above 1,024 is watched, or refused by name", kind) {
  Subject set(kind);
  const Descriptor low = idle();
  const Descriptor high = copyFrom(low, 1500);
  const auto add = [&] { set->add(high.fd(), kReadable, 1); };
  if (kind.limit == 0) {
    add();
  } else {
    const std::string message = messageOf<std::out_of_range>(add, "A number above the limit");
    for (const char* part : {"descriptor 1500", "FD_SETSIZE (1024)", "select-unbounded"})
      check(message.find(part) != std::string::npos,
            "This should say '" + std::string(part) + "': " + message);
    set->add(low.fd(), kReadable, 1);
  }
  checkEqual<std::string>(set.wait(0), "", "What an idle set brings");
  signal(low);
  checkEqual<std::string>(set.wait(-1), "1:R", "What comes when it is ready");
}

CASE("the highest number below the limit is watched", kind) {
  Subject set(kind);
  const Descriptor low = idle();
  const Descriptor high = copyFrom(low, kind.limit == 0 ? 4095 : kind.limit - 1);
  set->add(high.fd(), kReadable, 1);
  signal(low);
  checkEqual<std::string>(set.wait(-1), "1:R", "What comes when it is ready");
}

}  // namespace multiplexer::test
