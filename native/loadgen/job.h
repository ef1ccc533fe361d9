// One load, as the TypeScript side orders it (already validated there).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace loadgen {

/// The protocol without connections, whose one loop is the closed one.
constexpr const char* kDatagrams = "udp";

enum class Loop { Closed, Open, Churn };
enum class Arrivals { Constant, Poisson };
enum class CloseMode { Fin, Rst };

struct Job {
  Loop loop = Loop::Closed;
  std::string protocol;
  std::string host;
  uint16_t port = 0;
  std::string path;
  /// The WebSocket handshake's key and the answer it demands; the same for every connection of the job.
  std::string websocketKey;
  std::string websocketAccept;
  int connections = 1;
  size_t payloadBytes = 1;
  int pipeline = 1;
  double ratePerSecond = 0;
  Arrivals arrivals = Arrivals::Constant;
  CloseMode closeMode = CloseMode::Fin;
  uint64_t seed = 0;
  int64_t warmupNs = 0;
  int64_t durationNs = 0;
  int64_t timeoutNs = 0;
  int threads = 1;
  /// A load may be one of several shards that load one server as one: `firstThread` is the number of this
  /// shard's first thread among the `allThreads` of all of them, and connections and rate are those of all
  /// together. 0 threads of all: this load is the whole.
  int firstThread = 0;
  int allThreads = 0;
  /// Thread i is pinned to cpus[i modulo size]; empty leaves the threads where the process may run.
  std::vector<int> cpus;
  bool spin = false;
  std::vector<pid_t> serverPids;
};

}  // namespace loadgen
