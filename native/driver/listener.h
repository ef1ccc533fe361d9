// A listening socket.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "address.h"
#include "turn_share.h"

namespace driver {

struct ListenOptions {
  std::string host;
  uint16_t port = 0;
  int backlog = 511;
  bool reusePort = false;
  /// Connections without traffic for this long are closed; 0 leaves them alone.
  int64_t idleTimeoutNs = 0;
};

struct Listener {
  int fd = -1;
  int64_t idleTimeoutNs = 0;
  /// While accepting rests because connections cannot be taken: when to try again; 0 when it does not rest.
  int64_t resumeAtNs = 0;
  bool inReadyList = false;
  /// The completion driver's request is in flight.
  bool accepting = false;
  /// Connections that the completion driver accepts beyond the budget of a turn, until they are told.
  std::deque<int> arrived;
  TurnShare accepted;

  bool open() const { return fd >= 0; }
};

/// Opens a listening socket. Throws std::system_error whose what() begins with the call that failed.
int openListener(const ListenOptions& options);

}  // namespace driver
