// How long a wait lasts, what ends it, and what is counted.
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "fixtures.h"
#include "suite.h"

namespace multiplexer::test {

constexpr int64_t kNsPerMs = 1'000'000;

// How often this thread gave up the processor of its own accord, which is what sleeping does.
static long sleeps() {
  rusage usage{};
  check(getrusage(RUSAGE_THREAD, &usage) == 0, "The kernel counts context switches.");
  return usage.ru_nvcsw;
}

CASE("a timeout of zero does not sleep", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  const long before = sleeps();
  for (int time = 0; time < 1000; ++time) checkEqual<std::string>(set.wait(0), "", "What an idle set brings");
  check(sleeps() - before < 500, "Most waits with a timeout of zero slept.");
  checkEqual(set->counters().emptyWakes, uint64_t{0}, "The number of empty wakes");
}

static void checkLasts(Subject& set, int64_t timeoutNs) {
  const int64_t start = monotonicNs();
  checkEqual<std::string>(set.wait(timeoutNs), "", "What an idle set brings");
  const int64_t lasted = monotonicNs() - start;
  check(lasted >= timeoutNs,
        "A wait of " + std::to_string(timeoutNs) + " ns ended after " + std::to_string(lasted) + " ns.");
}

CASE("a timeout is slept to its end, and counted as an empty wake", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  checkLasts(set, 20 * kNsPerMs);
  checkLasts(set, 20 * kNsPerMs);
  checkEqual(set->counters().emptyWakes, uint64_t{2}, "The number of empty wakes");
}

CASE("a timeout below a millisecond is slept to its end", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  for (int time = 0; time < 5; ++time) checkLasts(set, kNsPerMs * 3 / 10);
}

CASE("a remove and a change do not cut the next timeout short", kind) {
  Subject set(kind);
  const Pair pair;
  const Descriptor event = idle();
  set->add(pair.near.fd(), kReadable, 1);
  set->add(event.fd(), kReadable, 2);
  checkLasts(set, 0);
  set->remove(event.fd());
  set->modify(pair.near.fd(), 0, 1);
  checkLasts(set, 20 * kNsPerMs);
}

CASE("an event that was removed before its turn does not cut the next timeout short", kind) {
  Subject set(kind);
  const Descriptor events[2] = {idle(), idle()};
  for (const Descriptor& event : events) {
    signal(event);
    set->add(event.fd(), kReadable, 1);
  }
  set.next();
  for (const Descriptor& event : events) set->remove(event.fd());
  checkLasts(set, 20 * kNsPerMs);
}

CASE("a set without descriptors waits for its timeout", kind) {
  Subject set(kind);
  checkLasts(set, 2 * kNsPerMs);
}

CASE("an event ends a wait with a long timeout", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  signal(event);
  set->add(event.fd(), kReadable, 1);
  checkEqual<std::string>(set.wait(3'600'000 * kNsPerMs), "1:R", "What a ready descriptor brings");
}

// The letter by which /proc calls what a thread is doing: S for sleeping.
static char stateOf(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string text;
  std::getline(file, text);
  const size_t name = text.rfind(')');
  return name == std::string::npos ? '?' : text[name + 2];
}

CASE("a wait without limit sleeps until another thread writes", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  const pid_t sleeper = static_cast<pid_t>(syscall(SYS_gettid));
  std::jthread writer([&] {
    while (stateOf(sleeper) != 'S') std::this_thread::yield();
    signal(event);
  });
  checkEqual<std::string>(set.wait(-1), "1:R", "What the other thread brings");
  checkEqual(set->counters().emptyWakes, uint64_t{0}, "The number of empty wakes");
}

CASE("a signal ends a wait with nothing", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  struct sigaction action{};
  action.sa_handler = [](int) {};
  check(sigaction(SIGALRM, &action, nullptr) == 0, "SIGALRM can be handled.");
  // It repeats, so that it does not matter when the first one finds the thread awake.
  const itimerval everyMillisecond{{0, 1000}, {0, 1000}};
  check(setitimer(ITIMER_REAL, &everyMillisecond, nullptr) == 0, "A timer can be set.");
  for (int time = 0; time < 3; ++time) checkEqual<std::string>(set.wait(-1), "", "What a signal brings");
  const itimerval never{};
  check(setitimer(ITIMER_REAL, &never, nullptr) == 0, "A timer can be stopped.");
  signal(event);
  checkEqual<std::string>(set.wait(-1), "1:R", "What comes after the signals");
}

CASE("waits and events are counted", kind) {
  Subject set(kind);
  const Descriptor events[2] = {idle(), idle()};
  for (const Descriptor& event : events) set->add(event.fd(), kReadable, 1);
  set.wait(0);
  for (const Descriptor& event : events) signal(event);
  set.wait(-1);
  checkEqual(set->counters().waits, uint64_t{2}, "The number of waits");
  checkEqual(set->counters().events, uint64_t{2}, "The number of events");
  checkEqual(set->counters().emptyWakes, uint64_t{0}, "The number of empty wakes");
}

CASE("changes that cost a system call are counted", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  set.wait(0);
  set->modify(event.fd(), kWritable, 1);
  set->modify(event.fd(), 0, 1);
  set->modify(event.fd(), 0, 2);
  set->modify(event.fd(), kReadable, 2);
  set->remove(event.fd());
  const std::string name = kind.name;
  // epoll: add, modify, delete, add, delete. io_uring: the removal awaits the request that the first wait
  // made.
  const uint64_t expected = name.starts_with("epoll") ? 5 : name.starts_with("uring") ? 1 : 0;
  checkEqual(set->counters().controls, expected, "The number of system calls for changes");
}

CASE("requests that are made again are counted", kind) {
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  signal(event);
  for (int time = 0; time < 3; ++time) set.wait(0);
  const bool makesRequests = std::string(kind.name).starts_with("uring");
  checkEqual(set->counters().rearms, uint64_t{makesRequests ? 2u : 0u}, "The number of requests made again");
}

}  // namespace multiplexer::test
