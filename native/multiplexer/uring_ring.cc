// Setting up an io_uring and entering it.
#include "uring_ring.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "../base/error.h"
#include "timeout.h"

namespace multiplexer {

Mapping::Mapping(int fd, size_t bytes, uint64_t offset)
    : start_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
                  static_cast<off_t>(offset))),
      bytes_(bytes) {
  if (start_ == MAP_FAILED) throw base::SystemError("mmap of an io_uring", errno);
}

Mapping::~Mapping() { munmap(start_, bytes_); }

static base::Descriptor setUp(unsigned submissions, unsigned completions, unsigned wishes,
                              UringRing::Refusal refusal, io_uring_params& parameters) {
  const auto attempt = [&](unsigned flags) {
    parameters = {};
    parameters.flags = IORING_SETUP_CQSIZE | flags;
    parameters.cq_entries = completions;
    return base::Descriptor(static_cast<int>(syscall(SYS_io_uring_setup, submissions, &parameters)));
  };
  base::Descriptor ring = attempt(wishes);
  if (!ring.open() && errno == EINVAL && refusal == UringRing::Refusal::MakeWithout) ring = attempt(0);
  if (!ring.open()) throw base::SystemError("io_uring_setup", errno);
  // The youngest feature that is needed, so that the others are there too: one mapping for both queues, and
  // completions that wait for room instead of being dropped.
  if ((parameters.features & IORING_FEAT_EXT_ARG) == 0)
    throw base::SystemError("io_uring_setup", ENOSYS,
                            "this kernel cannot wait with a timeout, which needs Linux 5.11");
  return ring;
}

static size_t bytesOf(const io_uring_params& parameters) {
  return std::max(parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned),
                  parameters.cq_off.cqes + parameters.cq_entries * sizeof(io_uring_cqe));
}

UringRing::UringRing(unsigned submissions, unsigned completions, unsigned flags, Refusal refusal)
    : ring_(setUp(submissions, completions, flags, refusal, parameters_)),
      queues_(ring_.fd(), bytesOf(parameters_), IORING_OFF_SQ_RING),
      requests_(ring_.fd(), parameters_.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES),
      submissionHead_(queues_.at<unsigned>(parameters_.sq_off.head)),
      submissionTail_(queues_.at<unsigned>(parameters_.sq_off.tail)),
      flags_(queues_.at<unsigned>(parameters_.sq_off.flags)),
      completionHead_(queues_.at<unsigned>(parameters_.cq_off.head)),
      completionTail_(queues_.at<unsigned>(parameters_.cq_off.tail)),
      completions_(queues_.at<io_uring_cqe>(parameters_.cq_off.cqes)),
      completionMask_(parameters_.cq_entries - 1) {
  // The queue holds indexes of requests; they are always used in order.
  unsigned* const indexes = queues_.at<unsigned>(parameters_.sq_off.array);
  for (unsigned index = 0; index < parameters_.sq_entries; ++index) indexes[index] = index;
}

io_uring_sqe* UringRing::next() {
  if (unsubmitted() == parameters_.sq_entries) return nullptr;
  io_uring_sqe* const request = requests_.at<io_uring_sqe>(0) + (tail_++ & (parameters_.sq_entries - 1));
  *request = {};
  return request;
}

int UringRing::enter(unsigned awaited, int64_t timeoutNs) {
  std::atomic_ref(*submissionTail_).store(tail_, std::memory_order_release);
  Timeout timeout(timeoutNs);
  io_uring_getevents_arg wait{};
  wait.sigmask_sz = _NSIG / 8;
  wait.ts = reinterpret_cast<uintptr_t>(timeout.pointer());
  const long result = syscall(SYS_io_uring_enter, ring_.fd(), unsubmitted(), awaited,
                              IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &wait, sizeof wait);
  return result < 0 ? -errno : static_cast<int>(result);
}

void UringRing::registerBufferRing(void* entries, uint32_t count, uint16_t group) {
  // The kernel's struct io_uring_buf_reg and the number of the operation, which older headers lack.
  struct {
    uint64_t address;
    uint32_t entries;
    uint16_t group;
    uint16_t padding[13];
  } request{reinterpret_cast<uintptr_t>(entries), count, group, {}};
  static_assert(sizeof request == 40);
  constexpr unsigned kRegisterBufferRing = 22;
  if (syscall(SYS_io_uring_register, ring_.fd(), kRegisterBufferRing, &request, 1) != 0)
    throw base::SystemError("io_uring_register of a buffer ring", errno);
}

}  // namespace multiplexer
