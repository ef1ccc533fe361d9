// A listening socket.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "../base/descriptor.h"
#include "address.h"

namespace driver {

struct ListenOptions {
  std::string host;
  uint16_t port = 0;
  /// A Unix socket in place of host and port; see `Endpoint`.
  std::string path;
  /// A stream socket that is bound already, in place of all three; the listener owns it from then on.
  int fd = -1;
  int backlog = 511;
  bool reusePort = false;
  /// Without IPv4 connections on an IPv6 address.
  bool ipv6Only = false;
  /// Traffic without content after so much silence shows whether the peer is still there; 0 for none.
  int keepAliveSeconds = 0;
  /// Connections without traffic for this long are closed; 0 leaves them alone.
  uint32_t idleTimeoutMs = 0;
  /// There is no socket: connections come from `Driver::adopt` alone.
  bool adoptsOnly = false;

  /// A free port of 127.0.0.1.
  static ListenOptions onLoopback() {
    ListenOptions options;
    options.host = "127.0.0.1";
    return options;
  }
};

/// The file of a Unix socket, by which one knows whether what lies at the path now is still it.
struct SocketFile {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;

  /// Of what lies at the path now; throws base::SystemError when nothing does.
  static SocketFile at(const std::string& path);
  /// Removes the file, when there is one, unless another took its place or somebody still listens on it, as a
  /// successor does that the listening socket was passed to. The own descriptor must be closed before.
  void remove() const;
};

struct Listener {
  base::Descriptor socket;
  /// Empty when there is none to remove.
  SocketFile file;
  uint32_t idleTimeoutMs = 0;
  /// When to accept again after a backoff, because connections could not be taken; 0 when there is none.
  int64_t resumeAtNs = 0;
  /// Connections that it opened.
  uint32_t opened = 0;
  bool inReadyList = false;

  int fd() const { return socket.fd(); }
  bool open() const { return socket.open(); }
};

/// Throws base::SystemError, or std::invalid_argument for a name that no socket can have.
base::Descriptor openListener(const ListenOptions& options);

}  // namespace driver
