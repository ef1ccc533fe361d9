// Starting and ending the threads of connections.
#include "connection_threads.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

namespace blocking {

namespace {

constexpr size_t kBufferBytes = 64 * 1024;
/// Room for the buffer and a few frames: the default of 8 MiB would use up the address space of small
/// machines.
constexpr size_t kStackBytes = 256 * 1024;

bool sendAll(int fd, const uint8_t* data, size_t count) {
  while (count > 0) {
    const ssize_t sent = send(fd, data, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    data += sent;
    count -= static_cast<size_t>(sent);
  }
  return true;
}

void echoUntilTheEnd(int fd) {
  std::array<uint8_t, kBufferBytes> buffer;
  for (;;) {
    const ssize_t received = recv(fd, buffer.data(), buffer.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0 || !sendAll(fd, buffer.data(), static_cast<size_t>(received))) return;
  }
}

}  // namespace

struct ConnectionThreads::Start {
  ConnectionThreads& owner;
  int fd;
};

void ConnectionThreads::serve(int fd) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) {
      close(fd);
      return;
    }
    open_.insert(fd);
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  auto start = std::make_unique<Start>(*this, fd);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, run, start.get()) == 0)
    start.release();
  else
    finished(fd);
  pthread_attr_destroy(&attributes);
}

void* ConnectionThreads::run(void* start) {
  const std::unique_ptr<Start> own(static_cast<Start*>(start));
  echoUntilTheEnd(own->fd);
  own->owner.finished(own->fd);
  return nullptr;
}

void ConnectionThreads::finished(int fd) {
  // The number leaves the set before it is closed, so that endAll never ends a connection that got it anew.
  const std::lock_guard lock(mutex_);
  open_.erase(fd);
  close(fd);
  // Notified under the lock, because the owner may be gone as soon as the last one is.
  changed_.notify_all();
}

void ConnectionThreads::endAll() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  changed_.wait(lock, [this] { return open_.empty(); });
}

}  // namespace blocking
