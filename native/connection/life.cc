// See life.h.
#include "life.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <thread>
#include <vector>

#include "../base/clock.h"
#include "../base/descriptor.h"
#include "../base/error.h"
#include "address.h"

namespace connection {

namespace {

using base::Descriptor;
using base::monotonicNs;
using base::require;

/// What a client does, in its order; each takes from the end of the one before to its own.
constexpr std::array kSteps{"socket", "bind", "connect", "send", "answer", "shutdown", "end", "close"};

/// When a server did what, on the same clock.
struct ServerSide {
  std::string remote;
  int64_t accepted = 0;
  int64_t received = 0;
  int64_t answered = 0;
  int64_t ended = 0;
  int64_t closed = 0;
};

/// Receives until `bytes` have come or the other side has ended; returns when the first came.
int64_t receiveAll(int fd, size_t bytes, std::vector<char>& buffer) {
  int64_t first = 0;
  for (size_t received = 0; received < bytes;) {
    const int count = require(static_cast<int>(recv(fd, buffer.data(), buffer.size(), 0)), "recv");
    if (first == 0) first = monotonicNs();
    if (count == 0) throw std::runtime_error("the server ended the connection before it had answered");
    received += static_cast<size_t>(count);
  }
  return first;
}

void sendAll(int fd, const std::vector<char>& message) {
  for (size_t sent = 0; sent < message.size();)
    sent += static_cast<size_t>(require(
        static_cast<int>(send(fd, message.data() + sent, message.size() - sent, MSG_NOSIGNAL)), "send"));
}

void requireEnd(int fd, std::vector<char>& buffer) {
  if (require(static_cast<int>(recv(fd, buffer.data(), buffer.size(), 0)), "recv") != 0)
    throw std::runtime_error("more came than was sent");
}

void serve(int listener, const LifeRequest& request, std::vector<ServerSide>& seen, std::string& failure) {
  try {
    std::vector<char> buffer(static_cast<size_t>(request.payloadBytes));
    for (ServerSide& side : seen) {
      Descriptor peer(require(accept(listener, nullptr, nullptr), "accept"));
      side.accepted = monotonicNs();
      side.remote = text(remoteOf(peer.fd()));
      side.received = receiveAll(peer.fd(), buffer.size(), buffer);
      sendAll(peer.fd(), buffer);
      side.answered = monotonicNs();
      requireEnd(peer.fd(), buffer);
      side.ended = monotonicNs();
      peer.close();
      side.closed = monotonicNs();
    }
  } catch (const std::exception& error) {
    failure = error.what();
  }
}

std::string liveOne(const sockaddr_in& server, const LifeRequest& request, int64_t& start) {
  std::vector<char> message(static_cast<size_t>(request.payloadBytes), 'x');
  std::array<int64_t, kSteps.size() + 1> times{};
  size_t step = 0;
  const auto done = [&](int64_t now) { times[++step] = now; };
  start = times[0] = monotonicNs();
  Descriptor client(require(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  done(monotonicNs());
  const sockaddr_in source = sourceFor(server);
  require(bind(client.fd(), reinterpret_cast<const sockaddr*>(&source), sizeof source), "bind");
  done(monotonicNs());
  require(::connect(client.fd(), reinterpret_cast<const sockaddr*>(&server), sizeof server), "connect");
  done(monotonicNs());
  sendAll(client.fd(), message);
  done(monotonicNs());
  receiveAll(client.fd(), message.size(), message);
  done(monotonicNs());
  require(::shutdown(client.fd(), SHUT_WR), "shutdown");
  done(monotonicNs());
  requireEnd(client.fd(), message);
  done(monotonicNs());
  const std::string local = text(localOf(client.fd()));
  // Learning the address belongs to no step.
  const int64_t pause = monotonicNs() - times[step];
  client.close();
  done(monotonicNs() - pause);
  std::string json = R"({"local":")" + local + R"(","remote":")" + text(server) + R"(","stepsNs":{)";
  for (size_t i = 0; i < kSteps.size(); ++i)
    json +=
        (i == 0 ? "\"" : ",\"") + std::string(kSteps[i]) + "\":" + std::to_string(times[i + 1] - times[i]);
  return json + "},\"totalNs\":" + std::to_string(times.back() - times.front());
}

std::string serverJson(const ServerSide& side, int64_t start) {
  const auto at = [&](const char* name, int64_t time) {
    return std::string(",\"") + name + "\":" + std::to_string(time - start);
  };
  return ",\"server\":{\"remote\":\"" + side.remote + "\"" + at("acceptedNs", side.accepted) +
         at("receivedNs", side.received) + at("answeredNs", side.answered) + at("endedNs", side.ended) +
         at("closedNs", side.closed) + "}";
}

}  // namespace

std::string lives(const LifeRequest& request) {
  Descriptor listener;
  sockaddr_in server = loopback(request.port);
  std::vector<ServerSide> seen;
  std::thread thread;
  std::string failure;
  if (request.port == 0) {
    listener = Descriptor(require(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    require(bind(listener.fd(), reinterpret_cast<const sockaddr*>(&server), sizeof server), "bind");
    require(listen(listener.fd(), SOMAXCONN), "listen");
    server = localOf(listener.fd());
    seen.resize(static_cast<size_t>(request.connections));
    thread = std::thread([&] { serve(listener.fd(), request, seen, failure); });
  }
  std::vector<std::string> parts;
  std::vector<int64_t> starts(static_cast<size_t>(request.connections));
  try {
    for (int64_t& start : starts) parts.push_back(liveOne(server, request, start));
  } catch (...) {
    // The server waits for a connection that will never come.
    ::shutdown(listener.fd(), SHUT_RDWR);
    if (thread.joinable()) thread.join();
    throw;
  }
  if (thread.joinable()) thread.join();
  if (!failure.empty()) throw std::runtime_error("the server failed: " + failure);
  std::string json = "[";
  for (size_t i = 0; i < parts.size(); ++i)
    json += (i == 0 ? "" : ",") + parts[i] +
            (seen.empty() ? ",\"server\":null" : serverJson(seen[i], starts[i])) + "}";
  return json + "]";
}

}  // namespace connection
