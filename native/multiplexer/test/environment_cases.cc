// What a back end does where the kernel, or a container around it, lacks a system call.
#include <sys/syscall.h>

#include <cerrno>

#include "../../base/error.h"
#include "fixtures.h"
#include "suite.h"

namespace multiplexer::test {

static void checkNamesObstacle(const Kind& kind, const std::string& obstacle) {
  const bool needsUring = std::string(kind.name).starts_with("uring");
  const std::optional<std::string> actual = kind.obstacle();
  checkEqual(actual.value_or("none").substr(0, obstacle.size()), needsUring ? obstacle : "none",
             "The obstacle");
  Event event{};
  const auto use = [&] { kind.make()->wait({&event, 1}, 0); };
  if (needsUring) messageOf<base::SystemError>(use, "Running without io_uring");
}

CASE("a forbidden io_uring_setup is named, and only by who needs it", kind) {
  forbid(SYS_io_uring_setup, EPERM);
  checkNamesObstacle(kind, "io_uring_setup: EPERM: a security filter forbids it");
}

CASE("a forbidden io_uring_enter is named, and only by who needs it", kind) {
  forbid(SYS_io_uring_enter, ENOSYS);
  checkNamesObstacle(kind, "io_uring_enter: ENOSYS: the kernel has no io_uring");
}

CASE("without epoll_pwait2 a timeout is still slept to its end", kind) {
  forbid(SYS_epoll_pwait2, ENOSYS);
  Subject set(kind);
  const Descriptor event = idle();
  set->add(event.fd(), kReadable, 1);
  for (const int64_t timeoutNs : {0, 300'000, 1'500'000}) {
    const int64_t start = monotonicNs();
    checkEqual<std::string>(set.wait(timeoutNs), "", "What an idle set brings");
    check(monotonicNs() - start >= timeoutNs, "A wait ended before its time.");
  }
  signal(event);
  checkEqual<std::string>(set.wait(-1), "1:R", "What comes when it is ready");
}

}  // namespace multiplexer::test
