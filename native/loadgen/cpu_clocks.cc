// Reading CPU clocks; see cpu_clocks.h for when and by whom.
#include "cpu_clocks.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>

#include "../base/clock.h"

namespace loadgen {

constexpr pid_t kLargestPid = 1 << 22;

static std::optional<int64_t> readClock(clockid_t clock) {
  timespec value;
  if (clock_gettime(clock, &value) != 0) return std::nullopt;
  return base::nanosecondsOf(value);
}

/// The second number of a schedstat file: nanoseconds on a run queue.
static std::optional<int64_t> readWait(int fd) {
  std::array<char, 64> text{};
  long ran = 0;
  long waited = 0;
  if (fd < 0 || pread(fd, text.data(), text.size() - 1, 0) <= 0) return std::nullopt;
  // A kernel that counts nothing there shows a thread that never ran.
  if (std::sscanf(text.data(), "%ld %ld", &ran, &waited) != 2 || ran == 0) return std::nullopt;
  return waited;
}

static std::optional<int64_t> difference(const std::optional<int64_t>& begin,
                                         const std::optional<int64_t>& end) {
  if (!begin || !end) return std::nullopt;
  return *end - *begin;
}

CpuClocks::CpuClocks(int threads, std::vector<pid_t> serverPids)
    : threadClocks_(static_cast<size_t>(threads)),
      threadSchedules_(static_cast<size_t>(threads)),
      serverPids_(std::move(serverPids)) {}

void CpuClocks::reset(std::vector<pid_t> neighbourPids) {
  const std::lock_guard lock(mutex_);
  neighbourPids_ = std::move(neighbourPids);
  for (Reading& reading : readings_) reading = Reading();
}

void CpuClocks::registerThread(int index) {
  clockid_t clock;
  if (pthread_getcpuclockid(pthread_self(), &clock) != 0) return;
  base::Descriptor schedule(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC));
  const std::lock_guard lock(mutex_);
  threadClocks_[static_cast<size_t>(index)] = clock;
  threadSchedules_[static_cast<size_t>(index)] = std::move(schedule);
}

std::optional<int64_t> readProcessCpuNs(const std::vector<pid_t>& pids) {
  if (pids.empty()) return std::nullopt;
  int64_t total = 0;
  for (const pid_t pid : pids) {
    // A clock's id has 29 bits for the process; a larger number would silently become the clock of another
    // one.
    if (pid < 1 || pid > kLargestPid) return std::nullopt;
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0) return std::nullopt;
    const auto value = readClock(clock);
    if (!value) return std::nullopt;
    total += *value;
  }
  return total;
}

void CpuClocks::take(Boundary boundary) {
  const std::lock_guard lock(mutex_);
  Reading& reading = readings_[static_cast<size_t>(boundary)];
  if (reading.taken) return;
  reading.taken = true;
  reading.server = readProcessCpuNs(serverPids_);
  reading.neighbours = readProcessCpuNs(neighbourPids_);
  reading.process = readClock(CLOCK_PROCESS_CPUTIME_ID);
  for (const auto& clock : threadClocks_) reading.threads.push_back(clock ? readClock(*clock) : std::nullopt);
  for (const base::Descriptor& schedule : threadSchedules_) reading.waits.push_back(readWait(schedule.fd()));
}

std::optional<int64_t> CpuClocks::processNs() const {
  const std::lock_guard lock(mutex_);
  return difference(at(Boundary::Begin).process, at(Boundary::End).process);
}

std::optional<int64_t> CpuClocks::serverNs() const {
  const std::lock_guard lock(mutex_);
  return difference(at(Boundary::Begin).server, at(Boundary::End).server);
}

std::optional<int64_t> CpuClocks::neighboursNs() const {
  const std::lock_guard lock(mutex_);
  return difference(at(Boundary::Begin).neighbours, at(Boundary::End).neighbours);
}

std::vector<int64_t> CpuClocks::threadNs() const { return differences(&Reading::threads); }

std::vector<int64_t> CpuClocks::threadWaitNs() const { return differences(&Reading::waits); }

std::vector<int64_t> CpuClocks::differences(std::vector<std::optional<int64_t>> Reading::* of) const {
  const std::lock_guard lock(mutex_);
  std::vector<int64_t> result;
  if (!at(Boundary::Begin).taken || !at(Boundary::End).taken) return result;
  for (size_t i = 0; i < threadClocks_.size(); ++i) {
    const auto between = difference((at(Boundary::Begin).*of)[i], (at(Boundary::End).*of)[i]);
    if (between) result.push_back(*between);
  }
  return result;
}

}  // namespace loadgen
