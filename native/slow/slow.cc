// Preloaded into a server (LD_PRELOAD), goes READYMARK_SLOW_LOOPS times round an empty loop after each
// successful read: a server that is slower by an amount of one's choice, without its help. The loop is
// counted, because asking a clock how long it took would be a system call on some machines, and cost more
// than the loop. Calls that do not go through the C library, as those of static programs and io_uring, are
// out of reach.
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

int64_t loops() {
  static const int64_t value = [] {
    const char* text = std::getenv("READYMARK_SLOW_LOOPS");
    return text == nullptr ? int64_t{0} : int64_t{std::atoll(text)};
  }();
  return value;
}

ssize_t slowed(ssize_t result) {
  if (result <= 0) return result;
  for (int64_t left = loops(); left > 0; --left) __asm__ volatile("" : : : "memory");
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
