// What the cases watch: sockets, pairs of them, and a set under test that says its events in words.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../base/clock.h"
#include "../../base/descriptor.h"
#include "../multiplexer.h"

namespace multiplexer::test {

using base::monotonicNs;

/// What the cases do with a socket, or with any other descriptor.
class Descriptor : public base::Descriptor {
 public:
  /// Throws base::SystemError when there is none.
  explicit Descriptor(int fd);

  /// Closes with a reset.
  void reset();
  void send(const std::string& bytes) const;
  /// Sends until the socket takes no more.
  void fill() const;
  /// What is there to read; empty when there is nothing or the peer has ended.
  std::string receive() const;
  void endWriting() const;
  /// Whether poll(2) says one of these events (POLLIN, POLLHUP, ...) now. The set under test has no part in
  /// it.
  bool is(short events) const;
  /// Sleeps until `is(events)`. Throws a Failure after ten seconds.
  void await(short events) const;
};

/// Two ends of a TCP connection over loopback, non-blocking.
struct Pair {
  Pair() : Pair(connected()) {}
  Descriptor near;
  Descriptor far;

 private:
  explicit Pair(std::pair<Descriptor, Descriptor> ends)
      : near(std::move(ends.first)), far(std::move(ends.second)) {}
  static std::pair<Descriptor, Descriptor> connected();
};

Descriptor listening();
/// Starts to connect to a listening socket.
Descriptor connecting(const Descriptor& listener);
/// An eventfd that holds 0, so that it is not readable; `signal` makes it readable.
Descriptor idle();
void signal(const Descriptor& event);
/// Raises the soft limit of open files where it must.
void requireOpenFiles(size_t count);
std::vector<Descriptor> idleOnes(size_t count);
/// A second descriptor of the same file, with the first free number from `lowest` on.
Descriptor copyFrom(const Descriptor& original, int lowest);

/// "7:R", "7:RWC", "7:RE": the token and the readiness.
std::string wordOf(const Event& event);

/// A back end under test.
class Subject {
 public:
  explicit Subject(const Kind& kind) : set_(kind.make()) {}
  Multiplexer* operator->() const { return set_.get(); }

  /// The events of one wait, sorted, such as "1:R 2:W"; empty when there are none.
  std::string wait(int64_t timeoutNs, size_t room = 16);
  /// The event of one wait without limit, which must be one.
  Event next();

 private:
  std::unique_ptr<Multiplexer> set_;
};

/// From now on this thread's calls of a system call fail with this errno, as seccomp does it in containers.
void forbid(int systemCall, int error);

}  // namespace multiplexer::test
