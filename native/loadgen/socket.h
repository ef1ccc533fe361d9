// Non-blocking TCP sockets of the load generator, and what their errors mean.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>

#include "../base/descriptor.h"
#include "errors.h"

namespace loadgen {

/// Throws std::invalid_argument when `host` is not an IPv4 address.
sockaddr_in addressOf(const std::string& host, uint16_t port);
std::string nameOf(const sockaddr_in& address);

/// Whether a connection that was started is there, or was and has ended.
bool isConnected(int fd);
/// Starts to connect, from `source` unless that is null. On failure the socket is closed and the failure
/// filled in.
base::Descriptor startConnect(const sockaddr_in& target, const in_addr* source, Failure& failure);

/// The pending error of a socket (SO_ERROR); 0 when there is none.
int pendingError(int fd);

/// The class of an errno, and `doing`, the address and the errno in words.
Failure failureOf(int error, const std::string& doing, const sockaddr_in& target);

}  // namespace loadgen
