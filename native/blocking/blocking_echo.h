// An echo server without multiplexing: one blocking thread accepts, and each connection has a blocking thread
// of its own. This is what servers did before select, and what the others here are compared with.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "../base/descriptor.h"
#include "connection_threads.h"

namespace blocking {

class BlockingEcho {
 public:
  /// Listens on an IPv4 address; port 0 lets the kernel choose. Throws base::SystemError.
  BlockingEcho(const std::string& host, uint16_t port);
  ~BlockingEcho();
  BlockingEcho(const BlockingEcho&) = delete;
  BlockingEcho& operator=(const BlockingEcho&) = delete;

  uint16_t port() const { return port_; }
  /// Stops listening, ends all connections and returns when no thread is left. May be called twice.
  void close();

 private:
  void acceptAll();

  base::Descriptor listener_;
  uint16_t port_ = 0;
  ConnectionThreads connections_;
  std::thread acceptor_;
};

}  // namespace blocking
