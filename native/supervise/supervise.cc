// supervise [--cpus LIST] [--usage FILE] -- COMMAND [ARGUMENT...]
//
// Runs one measured process so that nothing of it can be left behind. The controller holds the write end of
// the pipe on descriptor 0, the lifeline. When that pipe closes, because the controller asked for it, crashed
// or was killed with SIGKILL, every descendant of COMMAND is killed, also those that moved to a session of
// their own.
//
// COMMAND is pinned to the CPUs of LIST (for example 0,2-3) from its first instruction, so that V8's helper
// threads are pinned too, and runs in a session of its own, so that Ctrl-C reaches the controller only and it
// can save first. With --usage, the CPU time of COMMAND and of the children it waited for is written to FILE
// when it ends by itself, in nanoseconds and to the microsecond, because only its parent can learn that. The
// exit status is COMMAND's own; 128 + N when signal N ended it, 126 when it could not be started.

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int kCannotStart = 126;

void complain(const char* what) { std::fprintf(stderr, "supervise: %s: %s\n", what, std::strerror(errno)); }

// Only where there is no command yet, which would be left behind.
[[noreturn]] void fail(const char* what) {
  complain(what);
  std::exit(kCannotStart);
}

[[noreturn]] void stopWithUsage(const char* why) {
  std::fprintf(
      stderr, "supervise: %s\nusage: supervise [--cpus LIST] [--usage FILE] -- COMMAND [ARGUMENT...]\n", why);
  std::exit(kCannotStart);
}

// Reads a CPU list such as "0,2-3".
cpu_set_t parseCpus(const char* list) {
  cpu_set_t set;
  CPU_ZERO(&set);
  const char* at = list;
  while (*at != '\0') {
    char* end = nullptr;
    const long first = std::strtol(at, &end, 10);
    if (end == at) stopWithUsage("--cpus takes a list such as 0,2-3");
    long last = first;
    if (*end == '-') {
      at = end + 1;
      last = std::strtol(at, &end, 10);
      if (end == at) stopWithUsage("--cpus takes a list such as 0,2-3");
    }
    if (first < 0 || last < first || last >= CPU_SETSIZE)
      stopWithUsage("--cpus names a CPU that cannot exist");
    for (long cpu = first; cpu <= last; ++cpu) CPU_SET(static_cast<size_t>(cpu), &set);
    if (*end != ',' && *end != '\0') stopWithUsage("--cpus takes a list such as 0,2-3");
    at = *end == ',' ? end + 1 : end;
  }
  return set;
}

// As a subreaper this process inherits every orphan below it, so killing direct children until none is left
// reaches all descendants, whatever session or process group they chose.
void killDescendants() {
  const std::string path = "/proc/self/task/" + std::to_string(getpid()) + "/children";
  for (;;) {
    if (FILE* children = std::fopen(path.c_str(), "re")) {
      int pid = 0;
      while (std::fscanf(children, "%d", &pid) == 1) kill(pid, SIGKILL);
      std::fclose(children);
    }
    if (waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) return;
  }
}

[[noreturn]] void become(char** command, const sigset_t& originalMask, pid_t supervisor) {
  sigprocmask(SIG_SETMASK, &originalMask, nullptr);
  // Should the supervisor itself be killed with SIGKILL, the kernel ends the command.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != supervisor) _exit(kCannotStart);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || dup2(null, STDIN_FILENO) < 0) fail("open /dev/null");
  execvp(command[0], command);
  fail(command[0]);
}

void writeUsage(const char* path, const rusage& usage) {
  const auto nanoseconds = [](const timeval& time) {
    return time.tv_sec * 1'000'000'000LL + time.tv_usec * 1000LL;
  };
  FILE* file = std::fopen(path, "we");
  if (file == nullptr) return complain(path);
  std::fprintf(file, "%lld\n", nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime));
  if (std::fclose(file) != 0) complain(path);
}

// Waits until the command ends or the lifeline closes; returns the exit status to pass on.
int watch(pid_t child, int signals, const char* usagePath) {
  pollfd fds[2] = {{STDIN_FILENO, 0, 0}, {signals, POLLIN, 0}};
  fds[0].events = POLLIN;
  for (;;) {
    if (poll(fds, 2, -1) < 0 && errno != EINTR) {
      complain("poll");
      return kCannotStart;
    }
    if (fds[1].revents != 0) {
      signalfd_siginfo info;
      while (read(signals, &info, sizeof info) > 0) {
        if (info.ssi_signo != SIGCHLD) return 128 + static_cast<int>(info.ssi_signo);
      }
      int status = 0;
      pid_t pid = 0;
      rusage usage;
      while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        if (pid != child) continue;
        if (usagePath != nullptr) writeUsage(usagePath, usage);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
    }
    if (fds[0].revents != 0) {
      char buffer[256];
      if (read(STDIN_FILENO, buffer, sizeof buffer) <= 0) return 128 + SIGKILL;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  int at = 1;
  if (at + 1 < argc && std::strcmp(argv[at], "--cpus") == 0) {
    const cpu_set_t set = parseCpus(argv[at + 1]);
    if (sched_setaffinity(0, sizeof set, &set) != 0) fail("--cpus: sched_setaffinity");
    at += 2;
  }
  const char* usagePath = nullptr;
  if (at + 1 < argc && std::strcmp(argv[at], "--usage") == 0) {
    usagePath = argv[at + 1];
    at += 2;
  }
  if (at + 1 >= argc || std::strcmp(argv[at], "--") != 0) stopWithUsage("COMMAND is missing");

  setsid();
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) fail("prctl PR_SET_CHILD_SUBREAPER");
  sigset_t watched, original;
  sigemptyset(&watched);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&watched, signal);
  sigprocmask(SIG_BLOCK, &watched, &original);
  const int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) fail("signalfd");

  const pid_t self = getpid();
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) become(argv + at + 1, original, self);
  // The command's inherited channels must close with the command, so the supervisor keeps none of them open.
  for (int fd = STDERR_FILENO + 1; fd < 64; ++fd) {
    if (fd != signals) close(fd);
  }
  const int status = watch(child, signals, usagePath);
  killDescendants();
  return status;
}
