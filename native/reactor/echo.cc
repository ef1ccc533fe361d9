// The echo server's thread and its handler.
#include "echo.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <utility>

#include "../base/error.h"
#include "limits.h"

namespace reactor {

/// As much as the reactor has.
constexpr size_t kSlabBytes = 1024 * 1024;
/// A connection is read no further while this much of its echoes is unsent.
constexpr size_t kUnsentLimitBytes = 64 * 1024;

EchoServer::EchoServer(const driver::Kind& kind, const driver::ListenOptions& options)
    : slab_(kSlabBytes), stopEvent_(base::require(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
  std::promise<uint16_t> promise;
  std::future<uint16_t> listening = promise.get_future();
  // Signals are Node's, and a thread that never returns to libuv must not be the one that takes them.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this, &kind, options, promise = std::move(promise)]() mutable {
      run(kind, options, std::move(promise));
    });
  } catch (const std::system_error& error) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw base::SystemError("pthread_create", error.code().value());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  try {
    port_ = listening.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

EchoServer::~EchoServer() { stop(); }

void EchoServer::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  const uint64_t one = 1;
  // An eventfd takes a first write always.
  if (::write(stopEvent_.fd(), &one, sizeof one) != sizeof one) std::abort();
  thread_.join();
}

void EchoServer::run(const driver::Kind& kind, const driver::ListenOptions& options,
                     std::promise<uint16_t> listening) {
  pthread_setname_np(pthread_self(), "native-echo");
  std::unique_ptr<driver::Driver> driver;
  try {
    driver = kind.make(
        *this,
        {.slab = slab_, .unsentBytes = {}, .connectionLimit = descriptorLimit(), .waitClock = waitClock_});
    driver_ = driver.get();
    driver->watchWake(stopEvent_.fd());
    const uint32_t listener = driver->listen(options);
    listening.set_value(driver->portOf(listener));
  } catch (...) {
    listening.set_exception(std::current_exception());
    return;
  }
  try {
    while (!stopping_) {
      driver->turn(-1);
      // Some twenty plain stores in each turn, and none for an event.
      counters_.store(driver->counters());
      multiplexerCounters_.store(driver->multiplexerCounters());
    }
  } catch (const std::exception& error) {
    // A multiplexer that cannot wait any more can be reported to the terminal only.
    std::fprintf(stderr, "native-echo: the multiplexer failed, so the server cannot go on: %s\n",
                 error.what());
    std::abort();
  }
}

/// Once, because a server that is full rejects one after the other.
void EchoServer::rejected(const std::string& reason) {
  if (std::exchange(saidWhy_, true)) return;
  std::fprintf(stderr, "native-echo: Connections are turned away: %s\n", reason.c_str());
}

driver::Received EchoServer::data(driver::Token connection, std::span<const uint8_t> bytes) {
  const iovec piece{const_cast<uint8_t*>(bytes.data()), bytes.size()};
  driver_->send(connection, {&piece, 1});
  // A client that does not read its echoes must not fill the memory with them.
  if (driver_->unsentBytes(connection) > kUnsentLimitBytes) {
    driver_->pause(connection);
    driver_->wantDrain(connection);
  }
  return driver::Received::Used;
}

}  // namespace reactor
