// Preparing a new descriptor, which nobody else would close when that fails.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace driver {

/// Closes `fd` and throws std::system_error, whose what() begins with `call`, unless `result` is 0.
inline void require(int result, int fd, const char* call) {
  if (result == 0) return;
  const int error = errno;
  ::close(fd);
  throw std::system_error(error, std::system_category(), call);
}

}  // namespace driver
