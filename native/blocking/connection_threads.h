// The threads of a blocking server, one for each open connection.
#pragma once

#include <condition_variable>
#include <mutex>
#include <unordered_set>

namespace blocking {

class ConnectionThreads {
 public:
  /// Gives the connection a thread that echoes until the peer is done, and the descriptor with it. Closes the
  /// connection at once when the system has no thread left.
  void serve(int fd);
  /// Ends all connections and returns when their threads are gone. No further one is served.
  void endAll();

 private:
  struct Start;
  static void* run(void* start);
  void finished(int fd);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_set<int> open_;
  bool ending_ = false;
};

}  // namespace blocking
