// Preloaded into a server (LD_PRELOAD), adds work of one's choice to each successful read, without the
// server's help:
//   READYMARK_SLOW_LOOPS        rounds of an empty loop
//   READYMARK_SLOW_CALLS        system calls that do nothing (getppid)
//   READYMARK_SLOW_PAUSE_US     microseconds of sleep, after one read in READYMARK_SLOW_PAUSE_EVERY
// The loop is counted, because asking a clock how long it took would be a system call on some machines, and
// cost more than the loop. Calls that do not go through the C library, as those of static programs and
// io_uring, are out of reach.
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

int64_t setting(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::atoll(text);
}

struct Work {
  const int64_t loops = setting("READYMARK_SLOW_LOOPS");
  const int64_t calls = setting("READYMARK_SLOW_CALLS");
  const int64_t pause_us = setting("READYMARK_SLOW_PAUSE_US");
  const int64_t pause_every = setting("READYMARK_SLOW_PAUSE_EVERY");
};

void pause_for(int64_t microseconds) {
  const timespec length = {microseconds / 1'000'000, microseconds % 1'000'000 * 1000};
  nanosleep(&length, nullptr);
}

ssize_t slowed(ssize_t result) {
  static const Work work;
  static thread_local int64_t reads = 0;
  if (result <= 0) return result;
  for (int64_t left = work.loops; left > 0; --left) __asm__ volatile("" : : : "memory");
  for (int64_t left = work.calls; left > 0; --left) syscall(SYS_getppid);
  if (work.pause_every > 0 && ++reads % work.pause_every == 0) pause_for(work.pause_us);
  return result;
}

/// The function of this name that would have been called without this library.
template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

#define VISIBLE __attribute__((visibility("default")))

extern "C" {

VISIBLE ssize_t read(int fd, void* buffer, size_t count) {
  static const auto original = next<ssize_t (*)(int, void*, size_t)>("read");
  return slowed(original(fd, buffer, count));
}

VISIBLE ssize_t readv(int fd, const iovec* parts, int count) {
  static const auto original = next<ssize_t (*)(int, const iovec*, int)>("readv");
  return slowed(original(fd, parts, count));
}

VISIBLE ssize_t recv(int fd, void* buffer, size_t count, int flags) {
  static const auto original = next<ssize_t (*)(int, void*, size_t, int)>("recv");
  return slowed(original(fd, buffer, count, flags));
}

VISIBLE ssize_t recvfrom(int fd, void* buffer, size_t count, int flags, sockaddr* address,
                         socklen_t* length) {
  static const auto original = next<ssize_t (*)(int, void*, size_t, int, sockaddr*, socklen_t*)>("recvfrom");
  return slowed(original(fd, buffer, count, flags, address, length));
}

VISIBLE ssize_t recvmsg(int fd, msghdr* message, int flags) {
  static const auto original = next<ssize_t (*)(int, msghdr*, int)>("recvmsg");
  return slowed(original(fd, message, flags));
}

}  // extern "C"
