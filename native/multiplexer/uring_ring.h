// The two queues that io_uring shares with the kernel: requests go in by `next` and `enter`, completions come
// out by `drain`. Raw system calls, because the few that are needed are not worth a library.
#pragma once

#include <linux/io_uring.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "../base/descriptor.h"

namespace multiplexer {

/// A part of a file that is mapped until its owner ends.
class Mapping {
 public:
  /// Throws base::SystemError.
  Mapping(int fd, size_t bytes, uint64_t offset);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  template <class T>
  T* at(size_t offset) const {
    return reinterpret_cast<T*>(static_cast<std::byte*>(start_) + offset);
  }

 private:
  void* start_;
  size_t bytes_;
};

// Younger than the headers of some distributions that are otherwise good enough.
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

/// With SINGLE_ISSUER|DEFER_TASKRUN, only the thread that made the ring may enter it, and
/// completions arrive during `enter` only, which spares interrupting that thread.
class UringRing {
 public:
  /// Whether a ring is made without the set-up flags that the kernel refuses, or not at all.
  enum class Refusal { MakeWithout, Fail };

  /// Older kernels may refuse the set-up flags, all or none. Throws base::SystemError.
  UringRing(unsigned submissions, unsigned completions, unsigned flags, Refusal refusal);

  /// An empty request to be filled in, which the next `enter` submits; null when the queue is full.
  io_uring_sqe* next();
  /// Requests that the kernel has not taken.
  unsigned unsubmitted() const {
    return tail_ - std::atomic_ref(*submissionHead_).load(std::memory_order_acquire);
  }

  /// The place of the latest request among all requests.
  unsigned place() const { return tail_; }
  /// Whether the kernel has taken the request at this place.
  bool hasTaken(unsigned place) const {
    return static_cast<int>(tail_ - place) >= static_cast<int>(unsubmitted());
  }

  /// Submits all requests, and then sleeps until at least `awaited` have completed, for at most `timeoutNs`
  /// (negative: no limit). Returns what the system call returned, or the negative errno. When it submitted
  /// something, it does not say whether the time was over or a signal came.
  int enter(unsigned awaited, int64_t timeoutNs);

  /// Lets requests name a group of buffers instead of one (Linux 5.19). Throws base::SystemError.
  void registerBufferRing(void* entries, uint32_t count, uint16_t group);

  /// Completions that did not fit wait in the kernel until an `enter` finds room for them.
  bool overflowed() const {
    return (std::atomic_ref(*flags_).load(std::memory_order_acquire) & IORING_SQ_CQ_OVERFLOW) != 0;
  }

  /// Takes all completions out of the queue. Returns how many they were.
  template <class Handler>
  size_t drain(Handler&& handle) {
    unsigned head = *completionHead_;  // Only this thread writes it.
    const unsigned tail = std::atomic_ref(*completionTail_).load(std::memory_order_acquire);
    const size_t count = tail - head;
    for (; head != tail; ++head) handle(completions_[head & completionMask_]);
    std::atomic_ref(*completionHead_).store(head, std::memory_order_release);
    return count;
  }

 private:
  io_uring_params parameters_{};
  const base::Descriptor ring_;
  const Mapping queues_;
  const Mapping requests_;
  unsigned* const submissionHead_;
  unsigned* const submissionTail_;
  unsigned* const flags_;
  unsigned* const completionHead_;
  unsigned* const completionTail_;
  const io_uring_cqe* const completions_;
  const unsigned completionMask_;
  /// Where the next request goes; the kernel learns of it when `enter` publishes it.
  unsigned tail_ = 0;
};

}  // namespace multiplexer
