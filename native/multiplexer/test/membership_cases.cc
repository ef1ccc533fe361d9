// Adding and removing: only what is watched brings events.
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fixtures.h"
#include "suite.h"

namespace multiplexer::test {

// An idle descriptor where a closed one was.
static Descriptor idleWithNumber(int number) {
  check(fcntl(number, F_GETFD) < 0, "The number should be free.");
  Descriptor event = idle();
  if (event.fd() == number) return event;
  return Descriptor(dup3(event.fd(), number, O_CLOEXEC));
}

CASE("nothing comes after remove", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  set.wait(0);
  signal(event);
  set->remove(event.fd());
  checkEqual<std::string>(set.wait(0), "", "What comes after remove");
}

CASE("nothing comes for what is removed while its batch is handed out", kind) {
  Subject set(kind);
  const Descriptor events[2] = {idle(), idle()};
  for (size_t index = 0; index < 2; ++index) {
    signal(events[index]);
    set->add(events[index].fd(), kReadable, index);
  }
  const uint64_t first = set.next().token;
  set->remove(events[1 - first].fd());
  const std::string rest = kind.edgeTriggered ? "" : std::to_string(first) + ":R";
  for (int time = 0; time < 3; ++time)
    checkEqual(set.wait(0), rest, "What comes after the other one was removed");
}

CASE("a number used again within a batch brings the new token only", kind) {
  Subject set(kind);
  Descriptor events[2] = {idle(), idle()};
  for (size_t index = 0; index < 2; ++index) {
    signal(events[index]);
    set->add(events[index].fd(), kReadable, index);
  }
  const uint64_t first = set.next().token;
  const int number = events[1 - first].fd();
  set->remove(number);
  events[1 - first].close();
  const Descriptor successor = idleWithNumber(number);
  set->add(number, kReadable, 7);
  const std::string rest = kind.edgeTriggered ? "" : std::to_string(first) + ":R";
  checkEqual(set.wait(0), rest, "What comes before the new one is ready");
  signal(successor);
  checkEqual<std::string>(set.wait(-1), rest + (rest.empty() ? "7:R" : " 7:R"), "What the new one brings");
}

CASE("a number used again after an event that nobody saw brings the new token only", kind) {
  Subject set(kind);
  Descriptor event = idle();
  const int number = event.fd();
  set->add(number, kReadable, 1);
  set.wait(0);
  signal(event);
  set->remove(number);
  event.close();
  const Descriptor successor = idleWithNumber(number);
  set->add(number, kReadable, 7);
  checkEqual<std::string>(set.wait(0), "", "What comes before the new one is ready");
  signal(successor);
  checkEqual<std::string>(set.wait(-1), "7:R", "What the new one brings");
}

CASE("a removed one can be added again", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  for (uint64_t token = 1; token <= 3; ++token) {
    set->add(event.fd(), kReadable, token);
    checkEqual<std::string>(set.wait(0), "", "What comes before it is ready");
    signal(event);
    checkEqual(set.wait(-1), std::to_string(token) + ":R", "What comes when it is ready");
    set->remove(event.fd());
    eventfd_t value;
    check(read(event.fd(), &value, sizeof value) == sizeof value, "An event descriptor can be emptied.");
  }
}

CASE("removing some leaves the others", kind) {
  Subject set(kind);
  const std::vector<Descriptor> events = idleOnes(7);
  for (size_t index = 0; index < 7; ++index) set->add(events[index].fd(), kReadable, index);
  for (const size_t index : {2, 0, 6}) set->remove(events[index].fd());
  set->modify(events[5].fd(), 0, 5);
  for (const Descriptor& event : events) signal(event);
  set->remove(events[3].fd());
  checkEqual<std::string>(set.wait(-1), "1:R 4:R", "What those that are left bring");
  set->modify(events[5].fd(), kReadable, 8);
  checkEqual<std::string>(set.wait(-1), kind.edgeTriggered ? "8:R" : "1:R 4:R 8:R",
                          "What comes with new interest");
}

CASE("the token of a change comes with the next event", kind) {
  Subject set(kind);
  const Descriptor events[2] = {idle(), idle()};
  for (size_t index = 0; index < 2; ++index) {
    signal(events[index]);
    set->add(events[index].fd(), kReadable, index);
  }
  const uint64_t first = set.next().token;
  set->modify(events[1 - first].fd(), kReadable, 7);
  checkEqual<std::string>(wordOf(set.next()), "7:R", "What comes for the changed one");
}

static void checkCloseReachesPeer(Subject& set, Pair& pair) {
  set->remove(pair.near.fd());
  pair.near.close();
  pair.far.await(POLLIN);
  checkEqual<std::string>(pair.far.receive(), "", "What the peer reads at the end");
}

CASE("closing after remove reaches the peer without another wait", kind) {
  Subject set(kind);
  Pair pair;
  set->add(pair.near.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(0), "", "What an idle socket brings");
  checkCloseReachesPeer(set, pair);
}

CASE("closing after a change and remove reaches the peer without another wait", kind) {
  Subject set(kind);
  Pair pair;
  set->add(pair.near.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(0), "", "What an idle socket brings");
  set->modify(pair.near.fd(), kWritable, 1);
  checkCloseReachesPeer(set, pair);
}

CASE("watching one twice is refused", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  const std::string message =
      messageOf<std::logic_error>([&] { set->add(event.fd(), kReadable, 2); }, "Watching one twice");
  check(message.find("is watched already") != std::string::npos, "This should say why: " + message);
  signal(event);
  checkEqual<std::string>(set.wait(-1), "1:R", "What comes after the refusal");
}

CASE("changing or removing one that is not watched is refused", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  const auto refused = [&](int fd, const std::string& what) {
    for (const std::string& message :
         {messageOf<std::logic_error>([&] { set->modify(fd, kReadable, 1); }, "Changing " + what),
          messageOf<std::logic_error>([&] { set->remove(fd); }, "Removing " + what)})
      check(message.find("is not watched") != std::string::npos, "This should say why: " + message);
  };
  refused(event.fd(), "one that was never watched");
  refused(-1, "what is no descriptor");
  set->add(event.fd(), kReadable, 1);
  set->remove(event.fd());
  refused(event.fd(), "one that was removed");
}

CASE("what is no descriptor is refused", kind) {
  Subject set(kind);
  messageOf<std::logic_error>([&] { set->add(-1, kReadable, 1); }, "Watching -1");
}

}  // namespace multiplexer::test
