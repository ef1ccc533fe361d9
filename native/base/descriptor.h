// A file descriptor that is closed with its owner.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace base {

/// Closing the socket then sends RST instead of FIN. Returns what setsockopt returned.
inline int makeCloseReset(int fd) {
  const linger atOnce{1, 0};
  return setsockopt(fd, SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
}

class Descriptor {
 public:
  /// Owns nothing.
  Descriptor() = default;
  /// A negative number, which a failed call returns, owns nothing.
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = other.release();
    }
    return *this;
  }
  ~Descriptor() { close(); }

  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  /// The caller closes it.
  int release() { return std::exchange(fd_, -1); }
  void close() {
    if (fd_ >= 0) ::close(release());
  }

 private:
  int fd_ = -1;
};

}  // namespace base
