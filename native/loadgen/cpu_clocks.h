// The CPU clocks of the generator and of the server, read at both ends of the window. Whoever notices first
// that the window begins or ends takes the reading: a busy generator thread passes the boundary within
// microseconds, and the control thread covers the case that all of them are asleep.
//
// The kernel brings the clock of another process up to date at its scheduler events and at ticks, so a server
// that never sleeps can be stale by up to one tick (1 to 10 ms) at each end of the window.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <mutex>
#include <optional>
#include <vector>

#include "../base/descriptor.h"

namespace loadgen {

/// The CPU time of these processes together, in nanoseconds; nothing when there are none or one cannot be
/// read.
std::optional<int64_t> readProcessCpuNs(const std::vector<pid_t>& pids);

class CpuClocks {
 public:
  enum class Boundary { Begin, End };

  CpuClocks(int threads, std::vector<pid_t> serverPids);

  /// Forgets the readings, for another window. `neighbourPids` are read beside the server.
  void reset(std::vector<pid_t> neighbourPids);
  /// Called by each generator thread before the load starts.
  void registerThread(int index);
  /// Takes the reading of a boundary unless it has been taken. Blocks while another thread takes it, so that
  /// no thread ends, and its clock with it, in the middle of a reading.
  void take(Boundary boundary);

  /// The differences between both readings; nothing when one of them is missing.
  std::optional<int64_t> processNs() const;
  std::optional<int64_t> serverNs() const;
  /// Of the other processes that are to keep quiet meanwhile.
  std::optional<int64_t> neighboursNs() const;
  std::vector<int64_t> threadNs() const;
  /// How long each thread could have run and waited for a CPU; empty where the kernel does not count it.
  std::vector<int64_t> threadWaitNs() const;

 private:
  struct Reading {
    bool taken = false;
    std::optional<int64_t> process;
    std::optional<int64_t> server;
    std::optional<int64_t> neighbours;
    std::vector<std::optional<int64_t>> threads;
    std::vector<std::optional<int64_t>> waits;
  };

  const Reading& at(Boundary boundary) const { return readings_[static_cast<size_t>(boundary)]; }
  std::vector<int64_t> differences(std::vector<std::optional<int64_t>> Reading::* of) const;

  mutable std::mutex mutex_;
  std::vector<std::optional<clockid_t>> threadClocks_;
  /// The files in which the scheduler counts for each thread. Closed by default.
  std::vector<base::Descriptor> threadSchedules_;
  std::vector<pid_t> serverPids_;
  std::vector<pid_t> neighbourPids_;
  Reading readings_[2];
};

}  // namespace loadgen
