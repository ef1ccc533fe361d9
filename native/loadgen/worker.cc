// The life cycle of a generator thread, its waiting, and its accounting.
#include "worker.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "../base/clock.h"
#include "../base/error.h"

namespace loadgen {

namespace {

/// Event data that no connection has.
constexpr uint64_t kTick = UINT64_MAX;

}  // namespace

Worker::Worker(Run& run, int index)
    : run_(run),
      job_(run.job),
      index_(index),
      live_(run.live.threads[static_cast<size_t>(index)]),
      input_(kBufferBytes),
      output_(kBufferBytes),
      epoll_(base::require(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
  watch(EPOLL_CTL_ADD, run.ticker.fd(), EPOLLIN | EPOLLET, kTick);
}

void Worker::pin() const {
  if (job_.cpus.empty()) return;
  const int cpu = job_.cpus[static_cast<size_t>(index_) % job_.cpus.size()];
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  const int error = pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  if (error != 0) throw base::SystemError("pinning a generator thread to CPU " + std::to_string(cpu), error);
}

void Worker::main() {
  uint64_t seen = 0;
  bool isSetUp = false;
  bool isBroken = false;
  for (;;) {
    const Run::Command command = run_.awaitCommand(seen);
    if (command == Run::Command::End) return;
    std::string fatal;
    try {
      if (!std::exchange(isSetUp, true)) {
        // The default slack would round every wait up by 50 microseconds.
        prctl(PR_SET_TIMERSLACK, 1UL);
        pin();
        run_.clocks.registerThread(index_);
      }
      if (!isBroken) execute(command);
    } catch (const std::exception& error) {
      fatal = error.what();
      isBroken = true;
      run_.stop();
    }
    run_.done(fatal);
  }
}

void Worker::execute(Run::Command command) {
  if (command == Run::Command::Load) return loadSlice();
  // What happens to a connection between slices belongs to no window.
  window_ = Window();
  prepare();
}

void Worker::loadSlice() {
  {
    // Another thread may be putting off its end already.
    const std::lock_guard lock(run_.mutex);
    window_ = run_.window;
  }
  nextBoundary_ = window_.t0;
  seriesIndex_ = 0;
  seriesEnd_ = window_.t0 + kSeriesStepNs;
  tally_.series.assign(static_cast<size_t>(stepsOf(window_)), 0);
  beginInTime();
  if (!run_.stopped()) load();
  const int64_t endedAt = base::monotonicNs();
  // All may be answered before any thread has looked at the clock beyond the window.
  passTime(endedAt);
  inFlight_.advance(endedAt, window_);
}

/// Sleeps until the moment that all shards of the load share, where there is one.
void Worker::beginInTime() {
  constexpr int64_t kLongestSleepNs = 100 * base::kMillisecondNs;
  int64_t now = base::monotonicNs();
  for (; !run_.stopped() && now < run_.startNs; now = base::monotonicNs()) {
    // Not longer, because the run may be stopped meanwhile.
    const int64_t until = std::min(run_.startNs, now + kLongestSleepNs);
    const timespec wake{until / base::kSecondNs, until % base::kSecondNs};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr);
  }
  const std::lock_guard lock(run_.mutex);
  run_.startedNs = std::max(run_.startedNs, now);
}

Tally Worker::takeTally() {
  tally_.inFlight = outstanding();
  tally_.inFlightAreaNs = inFlight_.takeArea();
  return std::exchange(tally_, Tally());
}

std::span<epoll_event> Worker::wait(int64_t timeoutNs) {
  const auto capacity = static_cast<int>(events_.size());
  int count;
  if (timeoutNs <= 0) {
    count = epoll_wait(epoll_.fd(), events_.data(), capacity, timeoutNs == 0 ? 0 : -1);
  } else {
    const timespec timeout{timeoutNs / base::kSecondNs, timeoutNs % base::kSecondNs};
    count = -1;
    if (hasPwait2_) {
      count = static_cast<int>(
          syscall(SYS_epoll_pwait2, epoll_.fd(), events_.data(), capacity, &timeout, nullptr, 0));
      if (count < 0 && errno == ENOSYS) hasPwait2_ = false;
    }
    if (!hasPwait2_) {
      // Kernels before 5.11: polling the epoll itself keeps nanosecond timeouts, for one more system call.
      pollfd self{epoll_.fd(), POLLIN, 0};
      if (ppoll(&self, 1, &timeout, nullptr) >= 0)
        count = epoll_wait(epoll_.fd(), events_.data(), capacity, 0);
    }
  }
  if (count < 0) {
    if (errno != EINTR) throw base::SystemError("waiting for events", errno);
    count = 0;
  }
  for (int i = 0; i < count; ++i) {
    if (events_[static_cast<size_t>(i)].data.u64 != kTick) continue;
    events_[static_cast<size_t>(i)] = events_[static_cast<size_t>(--count)];
    break;
  }
  return {events_.data(), static_cast<size_t>(count)};
}

void Worker::watch(int operation, int fd, uint32_t events, uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  base::require(epoll_ctl(epoll_.fd(), operation, fd, &event), "epoll_ctl");
}

void Worker::passBoundary(int64_t now) {
  run_.clocks.take(CpuClocks::Boundary::Begin);
  nextBoundary_ = window_.t1;
  if (now < window_.t1) return;
  if (run_.stallNs > 0) {
    window_.t1 = nextBoundary_ = run_.endReached(now, isStalled(now));
    tally_.series.resize(static_cast<size_t>(stepsOf(window_)));
    if (now < window_.t1) return;
  }
  run_.clocks.take(CpuClocks::Boundary::End);
  nextBoundary_ = INT64_MAX;
}

void Worker::countOk(uint64_t operations, int64_t now) {
  tally_.ok += operations;
  LiveCounters::add(live_.ok, operations);
  if (!window_.contains(now)) return;
  while (now >= seriesEnd_) {
    seriesEnd_ += kSeriesStepNs;
    ++seriesIndex_;
  }
  tally_.series[seriesIndex_] += operations;
  tally_.operations += operations;
  LiveCounters::add(live_.operations, operations);
}

void Worker::countErrors(uint64_t requests, const Failure& failure, uint32_t connection, uint64_t sequence) {
  tally_.errors[static_cast<size_t>(failure.kind)] += requests;
  LiveCounters::add(live_.errors, requests);
  if (!tally_.firstError.empty()) return;
  tally_.firstErrorAt = base::monotonicNs();
  tally_.firstError = "connection " + std::to_string(connection) + ", message " + std::to_string(sequence) +
                      ": " + failure.what;
}

Transmitted transmit(int fd, Wire& wire, std::span<uint8_t> buffer) {
  constexpr size_t kShareBytes = 1024 * 1024;
  size_t total = 0;
  while (wire.hasUnsent()) {
    if (total >= kShareBytes) return Transmitted::Blocked;
    const size_t count = wire.produce(buffer);
    const ssize_t left = send(fd, buffer.data(), count, MSG_NOSIGNAL);
    if (left < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN ? Transmitted::Blocked : Transmitted::Failed;
    }
    wire.sent(static_cast<size_t>(left));
    if (static_cast<size_t>(left) < count) return Transmitted::Blocked;
    total += count;
  }
  return Transmitted::All;
}

}  // namespace loadgen
