// poll: the kernel is handed the whole list of descriptors at each wait, and walks it, so a wait costs in
// proportion to the number of watched descriptors, whatever their numbers are. The list is dense: the last
// entry takes the place of a removed one.
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "../base/error.h"
#include "multiplexer.h"
#include "poll_mask.h"
#include "timeout.h"
#include "watches.h"

namespace multiplexer {
namespace {

struct PollWatch : Watch {
  size_t index = 0;
};

// poll passes over negative descriptors, and so says nothing of their end either.
pollfd entryOf(int fd, Readiness interest) {
  return {interest == 0 ? ~fd : fd, static_cast<short>(pollMaskOf(interest)), 0};
}

int numberOf(const pollfd& entry) { return entry.fd < 0 ? ~entry.fd : entry.fd; }

class Poll final : public Multiplexer {
 public:
  void add(int fd, Readiness interest, uint64_t token) override {
    PollWatch& watch = watches_.start(fd, interest, token);
    watch.index = list_.size();
    list_.push_back(entryOf(fd, watch.interest));
  }

  void modify(int fd, Readiness interest, uint64_t token) override {
    PollWatch& watch = watches_.of(fd);
    watch.interest = interest;
    watch.token = token;
    list_[watch.index] = entryOf(fd, interest);
  }

  void remove(int fd) override {
    PollWatch& watch = watches_.of(fd);
    watch.watched = false;
    list_[watch.index] = list_.back();
    watches_[numberOf(list_.back())].index = watch.index;
    list_.pop_back();
  }

  size_t wait(std::span<Event> out, int64_t timeoutNs) override {
    ++counters_.waits;
    const int ready = ppoll(list_.data(), list_.size(), Timeout(timeoutNs).pointer(), nullptr);
    if (ready < 0 && errno != EINTR)
      throw base::SystemError("ppoll", errno, "EINVAL: there are more descriptors than the process may open");
    return handedOut(collect(out, static_cast<size_t>(std::max(ready, 0))), timeoutNs);
  }

 private:
  // The walk begins where the last one ended, so that the first entries cannot keep the last ones out of a
  // short `out`.
  size_t collect(std::span<Event> out, size_t ready) {
    const size_t wanted = std::min(ready, out.size());
    size_t events = 0;
    while (events < wanted) {
      if (next_ >= list_.size()) next_ = 0;
      const pollfd& entry = list_[next_++];
      if (entry.revents == 0) continue;
      const PollWatch& watch = watches_[entry.fd];
      out[events++] = {watch.token, readinessOf(static_cast<uint16_t>(entry.revents), watch.interest)};
    }
    return events;
  }

  std::vector<pollfd> list_;
  Watches<PollWatch> watches_;
  size_t next_ = 0;
};

}  // namespace

extern const Kind kPoll = {
    .name = "poll",
    .description = "ppoll: each wait hands over and walks the list of all watched descriptors",
    .waitsIn = "poll ppoll",
    .edgeTriggered = false,
    .reportsClosed = true,
    .limit = 0,
    .obstacle = []() -> std::optional<std::string> { return std::nullopt; },
    .make = []() -> std::unique_ptr<Multiplexer> { return std::make_unique<Poll>(); },
};

}  // namespace multiplexer
