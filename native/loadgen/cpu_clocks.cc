// Reading CPU clocks; see cpu_clocks.h for when and by whom.
#include "cpu_clocks.h"

#include <pthread.h>

#include <utility>

#include "clock.h"

namespace loadgen {

constexpr pid_t kLargestPid = 1 << 22;

static std::optional<int64_t> readClock(clockid_t clock) {
  timespec value;
  if (clock_gettime(clock, &value) != 0) return std::nullopt;
  return int64_t{value.tv_sec} * kSecondNs + value.tv_nsec;
}

static std::optional<int64_t> difference(const std::optional<int64_t>& begin,
                                         const std::optional<int64_t>& end) {
  if (!begin || !end) return std::nullopt;
  return *end - *begin;
}

CpuClocks::CpuClocks(int threads, std::vector<pid_t> serverPids)
    : threadClocks_(static_cast<size_t>(threads)), serverPids_(std::move(serverPids)) {}

void CpuClocks::registerThread(int index) {
  clockid_t clock;
  if (pthread_getcpuclockid(pthread_self(), &clock) != 0) return;
  const std::lock_guard lock(mutex_);
  threadClocks_[static_cast<size_t>(index)] = clock;
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
  Reading& reading = readings_[boundary];
  if (reading.taken) return;
  reading.taken = true;
  reading.server = readProcessCpuNs(serverPids_);
  reading.process = readClock(CLOCK_PROCESS_CPUTIME_ID);
  for (const auto& clock : threadClocks_) reading.threads.push_back(clock ? readClock(*clock) : std::nullopt);
}

std::optional<int64_t> CpuClocks::processNs() const {
  const std::lock_guard lock(mutex_);
  return difference(readings_[kBegin].process, readings_[kEnd].process);
}

std::optional<int64_t> CpuClocks::serverNs() const {
  const std::lock_guard lock(mutex_);
  return difference(readings_[kBegin].server, readings_[kEnd].server);
}

std::vector<int64_t> CpuClocks::threadNs() const {
  const std::lock_guard lock(mutex_);
  std::vector<int64_t> result;
  if (!readings_[kBegin].taken || !readings_[kEnd].taken) return result;
  for (size_t i = 0; i < threadClocks_.size(); ++i) {
    const auto spent = difference(readings_[kBegin].threads[i], readings_[kEnd].threads[i]);
    if (spent) result.push_back(*spent);
  }
  return result;
}

}  // namespace loadgen
