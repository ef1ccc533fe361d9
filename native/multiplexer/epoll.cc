// epoll, level- and edge-triggered: the kernel keeps the set of descriptors, each change is a system call,
// and a wait costs in proportion to the number of ready ones only.
//
// Without interest a descriptor leaves the kernel's set, because epoll reports the end of everything that is
// in it.
//
// Timeouts have nanoseconds (epoll_pwait2, Linux 5.11). Where the kernel answers ENOSYS, epoll_wait takes
// over, and its timeouts are whole milliseconds, rounded up.
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "../base/descriptor.h"
#include "../base/error.h"
#include "multiplexer.h"
#include "poll_mask.h"
#include "timeout.h"
#include "watches.h"

namespace multiplexer {
namespace {

class Epoll final : public Multiplexer {
 public:
  explicit Epoll(bool isEdgeTriggered)
      : isEdgeTriggered_(isEdgeTriggered), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_.open())
      throw base::SystemError("epoll_create1", errno, "EMFILE: raise the limit of open files, ulimit -n");
  }

  void add(int fd, Readiness interest, uint64_t token) override {
    watches_.requireFree(fd);
    if (interest != 0) control(EPOLL_CTL_ADD, fd, interest);
    watches_.start(fd, interest, token);
  }

  void modify(int fd, Readiness interest, uint64_t token) override {
    Watch& watch = watches_.of(fd);
    if (interest == 0) {
      if (watch.interest != 0) control(EPOLL_CTL_DEL, fd, 0);
    } else if (watch.interest == 0) {
      control(EPOLL_CTL_ADD, fd, interest);
    } else if (interest != watch.interest || isEdgeTriggered_) {
      // An edge is looked for again at each change, which is how an owner asks for what it left unread.
      control(EPOLL_CTL_MOD, fd, interest);
    }
    watch.interest = interest;
    watch.token = token;
  }

  void remove(int fd) override {
    Watch& watch = watches_.of(fd);
    watch.watched = false;
    if (watch.interest != 0) control(EPOLL_CTL_DEL, fd, 0);
  }

  size_t wait(std::span<Event> out, int64_t timeoutNs) override {
    if (ready_.size() < out.size()) ready_.resize(out.size());
    const int count = waitForKernel(static_cast<int>(out.size()), timeoutNs);
    if (count < 0 && errno != EINTR) throw base::SystemError("epoll_wait", errno);
    for (int index = 0; index < count; ++index) {
      const epoll_event& event = ready_[static_cast<size_t>(index)];
      const Watch& watch = watches_[event.data.fd];
      Readiness readiness = readinessOf(event.events, watch.interest);
      if ((event.events & EPOLLRDHUP) != 0 && (readiness & kClosed) == 0) readiness |= kEnded;
      out[static_cast<size_t>(index)] = {watch.token, readiness};
    }
    return handedOut(static_cast<size_t>(std::max(count, 0)), timeoutNs);
  }

 private:
  int waitForKernel(int room, int64_t timeoutNs) {
    ++counters_.waits;
    if (hasNanoseconds_) {
      const int count = epoll_pwait2(epoll_.fd(), ready_.data(), room, Timeout(timeoutNs).pointer(), nullptr);
      if (count >= 0 || errno != ENOSYS) return count;
      hasNanoseconds_ = false;
      ++counters_.waits;
    }
    const int64_t milliseconds = timeoutNs < 0 ? -1 : (timeoutNs + 999'999) / 1'000'000;
    return epoll_wait(epoll_.fd(), ready_.data(), room,
                      static_cast<int>(std::min<int64_t>(milliseconds, INT_MAX)));
  }

  void control(int operation, int fd, Readiness interest) {
    ++counters_.controls;
    epoll_event event{};
    event.events = pollMaskOf(interest);
    if (isEdgeTriggered_) event.events |= static_cast<uint32_t>(EPOLLET);
    // Where a reader would meet it.
    if (isEdgeTriggered_ && (interest & kReadable) != 0) event.events |= EPOLLRDHUP;
    event.data.fd = fd;
    if (epoll_ctl(epoll_.fd(), operation, fd, &event) != 0)
      throw base::SystemError("epoll_ctl of descriptor " + std::to_string(fd), errno,
                              "EBADF or ENOENT: it was closed before it was removed; EPERM: files are always "
                              "ready");
  }

  const bool isEdgeTriggered_;
  const base::Descriptor epoll_;
  bool hasNanoseconds_ = true;
  std::vector<epoll_event> ready_;
  Watches<> watches_;
};

std::optional<std::string> none() { return std::nullopt; }

}  // namespace

extern const Kind kEpoll = {
    .name = "epoll",
    .description =
        "level-triggered epoll: each change is a system call, a wait costs what the ready ones cost "
        "(before Linux 5.11 timeouts are whole milliseconds, rounded up)",
    .waitsIn = "epoll_pwait2 epoll_pwait epoll_wait",
    .edgeTriggered = false,
    .reportsClosed = true,
    .limit = 0,
    .obstacle = none,
    .make = []() -> std::unique_ptr<Multiplexer> { return std::make_unique<Epoll>(false); },
};

extern const Kind kEpollEdge = {
    .name = "epoll-et",
    .description =
        "edge-triggered epoll: like epoll, but readiness is reported once for each change "
        "(before Linux 5.11 timeouts are whole milliseconds, rounded up)",
    .waitsIn = "epoll_pwait2 epoll_pwait epoll_wait",
    .edgeTriggered = true,
    .reportsClosed = true,
    .limit = 0,
    .obstacle = none,
    .make = []() -> std::unique_ptr<Multiplexer> { return std::make_unique<Epoll>(true); },
};

}  // namespace multiplexer
