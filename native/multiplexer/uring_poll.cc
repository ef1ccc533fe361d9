// io_uring used for readiness: a poll request for each descriptor instead of a set in the kernel.
//
// A poll request completes once. It is asked again in the very system call that waits next, and looks at the
// present state before it sleeps, so this back end is level-triggered like poll. One `io_uring_enter` submits
// all that piled up and waits; a wait costs in proportion to the number of descriptors that were ready last
// time. A change of interest is a request too and costs no system call of its own.
//
// With DEFER_TASKRUN recent kernels deliver no more than a few (Linux 6.18: 20) per call of the completions
// that came about meanwhile, so a burst arrives over several waits.
//
// A request in flight holds its file open. Removing a descriptor therefore withdraws its request and awaits
// the end of it, or closing the descriptor would not reach the peer; that is one system call, and none for a
// descriptor whose request has just completed, which is when most descriptors are removed.
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <deque>

#include "../base/clock.h"
#include "../base/descriptor.h"
#include "../base/error.h"
#include "multiplexer.h"
#include "poll_mask.h"
#include "uring_obstacle.h"
#include "uring_ring.h"
#include "watches.h"

namespace multiplexer {
namespace {

constexpr unsigned kSubmissions = 256;
constexpr unsigned kCompletions = 1024;
constexpr unsigned kOwnThread = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
/// The user data of requests whose own completion says nothing.
constexpr uint64_t kWithdrawal = ~uint64_t{0};

struct UringWatch : Watch {
  enum class Request : uint8_t { None, InFlight, Completed };
  /// Of the request that counts; those withdrawn before it may still be in flight.
  Request request = Request::None;
  bool isQueued = false;
  bool wasUsedUp = false;
  /// Distinguishes the completion of the request that counts from those of requests withdrawn before it.
  uint32_t generation = 0;
  /// Requests that have not completed, withdrawn ones included.
  uint32_t inFlight = 0;
  /// What the completion said.
  uint32_t mask = 0;
};

class UringPoll final : public Multiplexer {
 public:
  explicit UringPoll(unsigned wishes)
      : ring_(kSubmissions, kCompletions, wishes, UringRing::Refusal::MakeWithout) {}

  void add(int fd, Readiness interest, uint64_t token) override {
    watches_.start(fd, interest, token).wasUsedUp = false;
    queue(fd);
  }

  void modify(int fd, Readiness interest, uint64_t token) override {
    UringWatch& watch = watches_.of(fd);
    watch.token = token;
    if (interest == watch.interest) return;
    withdraw(fd);
    watch.interest = interest;
    watch.wasUsedUp = false;
    queue(fd);
  }

  void remove(int fd) override {
    UringWatch& watch = watches_.of(fd);
    withdraw(fd);
    watch.watched = false;
    while (watch.inFlight > 0) {
      ++counters_.controls;
      enter(true, -1);
    }
  }

  size_t wait(std::span<Event> out, int64_t timeoutNs) override {
    // What completed before and did not fit is handed out first, so that nothing starves.
    if (completed_ < out.size()) {
      arm();
      await(completed_ > 0 ? 0 : timeoutNs);
    }
    return handedOut(handOut(out), timeoutNs);
  }

 private:
  using Request = UringWatch::Request;
  struct Completion {
    int fd;
    uint32_t generation;
  };

  void queue(int fd) {
    if (watches_[fd].isQueued) return;
    watches_[fd].isQueued = true;
    toArm_.push_back(fd);
  }

  static uint64_t userDataOf(int fd, uint32_t generation) {
    return uint64_t{generation} << 32 | static_cast<uint32_t>(fd);
  }

  io_uring_sqe* nextRequest() {
    for (;;) {
      if (io_uring_sqe* const request = ring_.next()) return request;
      ++counters_.controls;
      enter(false, 0);
    }
  }

  void arm() {
    for (const int fd : toArm_) {
      UringWatch& watch = watches_[fd];
      watch.isQueued = false;
      if (!watch.watched || watch.interest == 0 || watch.request != Request::None) continue;
      io_uring_sqe* const request = nextRequest();
      request->opcode = IORING_OP_POLL_ADD;
      request->fd = fd;
      request->poll_events = pollMaskOf(watch.interest);
      request->user_data = userDataOf(fd, ++watch.generation);
      watch.request = Request::InFlight;
      ++watch.inFlight;
      if (watch.wasUsedUp) ++counters_.rearms;
    }
    toArm_.clear();
  }

  void withdraw(int fd) {
    UringWatch& watch = watches_[fd];
    if (watch.request == Request::InFlight) {
      io_uring_sqe* const request = nextRequest();
      request->opcode = IORING_OP_POLL_REMOVE;
      request->fd = -1;
      request->addr = userDataOf(fd, watch.generation);
      request->user_data = kWithdrawal;
    }
    // Making room for the withdrawal may just have brought the completion.
    if (watch.request == Request::Completed) --completed_;
    watch.request = Request::None;
  }

  /// Sleeps until a request that counts has completed.
  void await(int64_t timeoutNs) {
    const int64_t deadlineNs = timeoutNs > 0 ? base::monotonicNs() + timeoutNs : 0;
    int64_t leftNs = timeoutNs;
    for (;;) {
      ++counters_.waits;
      const size_t completions = enter(leftNs != 0, leftNs);
      // The kernel does not wait when it took only a part of the requests.
      if (ring_.unsubmitted() == 0 && (completed_ > 0 || completions == 0 || leftNs == 0)) return;
      // Only withdrawn requests have completed, which are no events.
      if (completed_ > 0)
        leftNs = 0;
      else if (timeoutNs > 0)
        leftNs = std::max<int64_t>(deadlineNs - base::monotonicNs(), 0);
    }
  }

  /// One `io_uring_enter`, and more when the completion queue overflowed. Returns the number of completions.
  size_t enter(bool maySleep, int64_t timeoutNs) {
    const int result = ring_.enter(maySleep ? 1 : 0, timeoutNs);
    // EBUSY is how kernels before 5.19 ask for the completions to be taken first.
    if (result < 0 && result != -ETIME && result != -EINTR && result != -EBUSY)
      throw base::SystemError("io_uring_enter", -result,
                              "EEXIST: only the thread that made this back end may use it");
    size_t completions = drain();
    while (ring_.overflowed()) {
      ++counters_.overflows;
      ++counters_.controls;
      ring_.enter(0, 0);
      completions += drain();
    }
    return completions;
  }

  size_t drain() {
    return ring_.drain([this](const io_uring_cqe& completion) {
      if (completion.user_data == kWithdrawal) return;
      const int fd = static_cast<int>(static_cast<uint32_t>(completion.user_data));
      const uint32_t generation = static_cast<uint32_t>(completion.user_data >> 32);
      UringWatch& watch = watches_[fd];
      --watch.inFlight;
      if (watch.request != Request::InFlight || watch.generation != generation) return;
      watch.request = Request::Completed;
      watch.mask = completion.res < 0 ? POLLERR : static_cast<uint32_t>(completion.res);
      completions_.push_back({fd, generation});
      ++completed_;
    });
  }

  size_t handOut(std::span<Event> out) {
    size_t events = 0;
    for (; events < out.size() && !completions_.empty(); completions_.pop_front()) {
      const auto [fd, generation] = completions_.front();
      UringWatch& watch = watches_[fd];
      if (watch.request != Request::Completed || watch.generation != generation) continue;
      --completed_;
      watch.request = Request::None;
      watch.wasUsedUp = true;
      queue(fd);
      out[events++] = {watch.token, readinessOf(watch.mask, watch.interest)};
    }
    return events;
  }

  Watches<UringWatch> watches_;
  std::vector<int> toArm_;
  /// In the order of their coming; those that no longer count are passed over.
  std::deque<Completion> completions_;
  size_t completed_ = 0;
  UringRing ring_;
};

/// Lets a ring poll a descriptor that is ready, and withdraws a request for one that is not.
std::optional<std::string> obstacle() try {
  const base::Descriptor ready(base::require(eventfd(1, EFD_CLOEXEC), "eventfd"));
  const base::Descriptor idle(base::require(eventfd(0, EFD_CLOEXEC), "eventfd"));
  UringPoll ring(kOwnThread);
  ring.add(ready.fd(), kReadable, 1);
  ring.add(idle.fd(), kReadable, 2);
  Event event{};
  if (ring.wait({&event, 1}, 0) != 1 || event.token != 1 || event.readiness != kReadable)
    return "io_uring: a poll request does not report a descriptor that is ready; " + likelyUringCause(EPERM) +
           ".";
  ring.remove(idle.fd());
  return std::nullopt;
} catch (const base::SystemError& error) {
  return uringObstacle(error);
}

}  // namespace

extern const Kind kUringPoll = {
    .name = "uring-poll",
    .description =
        "io_uring poll requests: one system call submits and waits, and each event costs a new request "
        "(with SINGLE_ISSUER and DEFER_TASKRUN where the kernel has them, Linux 6.1, else without)",
    .waitsIn = "io_uring_enter",
    .edgeTriggered = false,
    .reportsClosed = true,
    .limit = 0,
    .obstacle = obstacle,
    .make = []() -> std::unique_ptr<Multiplexer> { return std::make_unique<UringPoll>(kOwnThread); },
};

/// Not in the table: what kernels before 6.1 get, for the tests to run on any.
extern const Kind kUringPollBefore61 = {
    .name = "uring-poll-before-6.1",
    .description = "uring-poll without SINGLE_ISSUER and DEFER_TASKRUN",
    .waitsIn = "io_uring_enter",
    .edgeTriggered = false,
    .reportsClosed = true,
    .limit = 0,
    .obstacle = obstacle,
    .make = []() -> std::unique_ptr<Multiplexer> { return std::make_unique<UringPoll>(0); },
};

}  // namespace multiplexer
