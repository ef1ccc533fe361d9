// Guessing the cause from the errno.
#include "uring_obstacle.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace multiplexer {

std::string likelyUringCause(int error) {
  std::string disabled = "0";
  std::ifstream("/proc/sys/kernel/io_uring_disabled") >> disabled;
  if (error == EPERM && disabled != "0")
    return "the sysctl kernel.io_uring_disabled is " + disabled + "; an administrator can set it to 0";
  if (error == EPERM || error == EACCES)
    return "a security filter forbids it, as seccomp does in most containers; allow it there, or run outside";
  if (error == ENOSYS)
    return "the kernel has no io_uring, or one older than Linux 5.11, or a sandbox hides it";
  if (error == ENOMEM) return "the limit of locked memory is too small; raise it with ulimit -l";
  if (error == EMFILE) return "the process has too many descriptors; raise the limit with ulimit -n";
  return "this kernel's io_uring lacks something that is needed here";
}

std::string uringObstacle(const base::SystemError& error) {
  return error.call() + ": " + strerrorname_np(error.number()) + ": " + likelyUringCause(error.number()) +
         ".";
}

}  // namespace multiplexer
