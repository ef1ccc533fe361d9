// select, twice: as POSIX has it, and without its limit.
//
// The classic one keeps its descriptors in `fd_set`, a bitmap of FD_SETSIZE (1024) bits. FD_SET with a larger
// number writes past its end, so such a descriptor is refused. The kernel itself has no such limit: it takes
// bitmaps of any length, and `select-unbounded` hands it some that grow with the highest descriptor, by the
// raw system call.
//
// Either way the kernel overwrites the sets with its answer, so each wait begins by copying them, and both
// the kernel and this file walk all numbers up to the highest: the cost of a wait grows with the highest
// descriptor.
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include "../base/error.h"
#include "multiplexer.h"
#include "timeout.h"
#include "watches.h"

namespace multiplexer {
namespace {

class ClassicSets {
 public:
  ClassicSets() {
    FD_ZERO(&toRead_);
    FD_ZERO(&toWrite_);
  }

  void requireRoom(int fd) {
    if (fd < FD_SETSIZE) return;
    throw std::out_of_range("select cannot watch descriptor " + std::to_string(fd) +
                            ", because an fd_set ends at FD_SETSIZE (" + std::to_string(FD_SETSIZE) +
                            "). Use select-unbounded, poll or epoll, or keep fewer descriptors open.");
  }

  void set(int fd, Readiness interest) {
    (interest & kReadable) != 0 ? FD_SET(fd, &toRead_) : FD_CLR(fd, &toRead_);
    (interest & kWritable) != 0 ? FD_SET(fd, &toWrite_) : FD_CLR(fd, &toWrite_);
  }

  int wait(int count, timespec* timeout) {
    readable_ = toRead_;
    writable_ = toWrite_;
    return pselect(count, &readable_, &writable_, nullptr, timeout, nullptr);
  }

  Readiness ready(int fd) const {
    return (FD_ISSET(fd, &readable_) ? kReadable : 0) | (FD_ISSET(fd, &writable_) ? kWritable : 0);
  }

 private:
  fd_set toRead_, toWrite_, readable_, writable_;
};

class UnboundedSets {
 public:
  void requireRoom(int fd) {
    const size_t words = static_cast<size_t>(fd) / kWordBits + 1;
    if (words <= toRead_.size()) return;
    for (std::vector<Word>* set : {&toRead_, &toWrite_, &readable_, &writable_}) set->resize(words);
  }

  void set(int fd, Readiness interest) {
    assign(toRead_, fd, (interest & kReadable) != 0);
    assign(toWrite_, fd, (interest & kWritable) != 0);
  }

  int wait(int count, timespec* timeout) {
    std::copy(toRead_.begin(), toRead_.end(), readable_.begin());
    std::copy(toWrite_.begin(), toWrite_.end(), writable_.begin());
    return static_cast<int>(
        syscall(SYS_pselect6, count, readable_.data(), writable_.data(), nullptr, timeout, nullptr));
  }

  Readiness ready(int fd) const {
    return (has(readable_, fd) ? kReadable : 0) | (has(writable_, fd) ? kWritable : 0);
  }

 private:
  using Word = unsigned long;
  static constexpr size_t kWordBits = sizeof(Word) * CHAR_BIT;

  static Word bit(int fd) { return Word{1} << (static_cast<size_t>(fd) % kWordBits); }
  static bool has(const std::vector<Word>& set, int fd) {
    return (set[static_cast<size_t>(fd) / kWordBits] & bit(fd)) != 0;
  }
  static void assign(std::vector<Word>& set, int fd, bool value) {
    Word& word = set[static_cast<size_t>(fd) / kWordBits];
    word = value ? word | bit(fd) : word & ~bit(fd);
  }

  std::vector<Word> toRead_, toWrite_, readable_, writable_;
};

template <class Sets>
class Select final : public Multiplexer {
 public:
  void add(int fd, Readiness interest, uint64_t token) override {
    watches_.requireFree(fd);
    sets_.requireRoom(fd);
    sets_.set(fd, watches_.start(fd, interest, token).interest);
    count_ = std::max(count_, fd + 1);
  }

  void modify(int fd, Readiness interest, uint64_t token) override {
    Watch& watch = watches_.of(fd);
    watch.interest = interest;
    watch.token = token;
    sets_.set(fd, interest);
  }

  void remove(int fd) override {
    watches_.of(fd).watched = false;
    sets_.set(fd, 0);
    while (count_ > 0 && !watches_.isWatched(count_ - 1)) --count_;
  }

  size_t wait(std::span<Event> out, int64_t timeoutNs) override {
    ++counters_.waits;
    const int bits = sets_.wait(count_, Timeout(timeoutNs).pointer());
    if (bits < 0 && errno != EINTR)
      throw base::SystemError("select", errno, "EBADF: a descriptor was closed before it was removed");
    return handedOut(collect(out, std::max(bits, 0)), timeoutNs);
  }

 private:
  // `bits` is how many bits the kernel left set in both sets together. The walk begins where the last one
  // ended, so that low numbers cannot keep high ones out of a short `out`.
  size_t collect(std::span<Event> out, int bits) {
    size_t events = 0;
    for (int step = 0; step < count_ && bits > 0 && events < out.size(); ++step) {
      if (next_ >= count_) next_ = 0;
      const Readiness readiness = sets_.ready(next_);
      if (readiness != 0) {
        bits -= readiness == (kReadable | kWritable) ? 2 : 1;
        out[events++] = {watches_[next_].token, readiness};
      }
      ++next_;
    }
    return events;
  }

  Sets sets_;
  Watches<> watches_;
  int count_ = 0;
  int next_ = 0;
};

std::optional<std::string> none() { return std::nullopt; }

}  // namespace

extern const Kind kSelect = {
    .name = "select",
    .description =
        "select with fd_set: each wait walks all numbers up to the highest descriptor, at most 1024",
    .waitsIn = "select pselect6",
    .edgeTriggered = false,
    .reportsClosed = false,
    .limit = FD_SETSIZE,
    .obstacle = none,
    .make = []() -> std::unique_ptr<Multiplexer> { return std::make_unique<Select<ClassicSets>>(); },
};

extern const Kind kSelectUnbounded = {
    .name = "select-unbounded",
    .description =
        "the raw pselect6 with bitmaps that grow: each wait walks all numbers up to the highest descriptor",
    .waitsIn = "pselect6",
    .edgeTriggered = false,
    .reportsClosed = false,
    .limit = 0,
    .obstacle = none,
    .make = []() -> std::unique_ptr<Multiplexer> { return std::make_unique<Select<UnboundedSets>>(); },
};

}  // namespace multiplexer
