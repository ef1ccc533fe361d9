// The closed loop over UDP; see datagrams.h.
#include "datagrams.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "../base/clock.h"
#include "../base/error.h"

namespace loadgen {

namespace {

/// Far longer than any queue on a machine that still works, and short enough for a loss to cost little.
constexpr int64_t kLostNs = 200 * base::kMillisecondNs;
constexpr int64_t kExpiryNs = 10 * base::kMillisecondNs;

}  // namespace

DatagramWorker::DatagramWorker(Run& run, int index) : Worker(run, index), room_(job_.payloadBytes + 1) {
  // As many as a batch has, each with its room.
  const size_t needed = kBatch * room_;
  if (input_.size() < needed) input_.resize(needed);
  if (output_.size() < needed) output_.resize(needed);
}

void DatagramWorker::prepare() {
  if (!sockets_.empty()) return;
  sockets_.resize(static_cast<size_t>(connectionsOfThread()));
  for (size_t index = 0; index < sockets_.size(); ++index) {
    Socket& socket = sockets_[index];
    socket.places.resize(static_cast<size_t>(job_.pipeline));
    for (size_t place = 0; place < socket.places.size(); ++place) socket.places[place].sequence = place;
    socket.descriptor = base::Descriptor(
        base::require(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
    if (::connect(socket.descriptor.fd(), reinterpret_cast<const sockaddr*>(&run_.target),
                  sizeof run_.target) != 0)
      return fail(socket, failureOf(errno, "connecting to", run_.target));
    watch(EPOLL_CTL_ADD, socket.descriptor.fd(), EPOLLIN | EPOLLET, index);
    LiveCounters::add(live_.connected, 1);
  }
}

void DatagramWorker::load() {
  // What the last slice ended too soon for.
  senders_.clear();
  for (Socket& socket : sockets_) {
    socket.isListed = false;
    socket.unsent.clear();
    for (uint32_t place = 0; place < socket.places.size(); ++place) release(socket, place);
    sendAll();
  }
  for (int64_t now = base::monotonicNs(); !done(now);) {
    for (const epoll_event& event : wait(senders_.empty() ? kExpiryNs : base::kMillisecondNs))
      receive(sockets_[event.data.u64]);
    now = base::monotonicNs();
    passTime(now);
    expire(now);
    // Last, so that what was released meanwhile does not wait for another turn.
    sendAll();
  }
}

void DatagramWorker::release(Socket& socket, uint32_t place) {
  socket.unsent.push_back(place);
  if (std::exchange(socket.isListed, true)) return;
  senders_.push_back(static_cast<uint32_t>(&socket - sockets_.data()));
}

void DatagramWorker::receive(Socket& socket) {
  for (size_t i = 0; i < kBatch; ++i) {
    vectors_[i] = {input_.data() + i * room_, room_};
    messages_[i].msg_hdr = {};
    messages_[i].msg_hdr.msg_iov = &vectors_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
  for (int received = kBatch; received == kBatch && !run_.stopped();) {
    received = recvmmsg(socket.descriptor.fd(), messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (received < 0) {
      if (errno == EAGAIN) return;
      if (errno == EINTR) {
        received = kBatch;
        continue;
      }
      // An ICMP message came back: nobody listens there.
      return fail(socket, failureOf(errno, "receiving from", run_.target));
    }
    const int64_t now = base::monotonicNs();
    passTime(now);
    for (size_t i = 0; i < static_cast<size_t>(received) && !run_.stopped(); ++i)
      answered(socket, input_.data() + i * room_, messages_[i].msg_len, now);
  }
}

void DatagramWorker::answered(Socket& socket, const uint8_t* bytes, size_t count, int64_t now) {
  LiveCounters::add(live_.bytes, count);
  const uint32_t connection = idOf(socket);
  MessageId id{connection, 0};
  if (count >= Pattern::kHeaderBytes) std::memcpy(&id.sequence, bytes + 8, sizeof id.sequence);
  if (count != job_.payloadBytes)
    return fail(socket, {count < job_.payloadBytes ? ErrorClass::Short : ErrorClass::Corrupt,
                         "a datagram of " + std::to_string(count) + " bytes came back for one of " +
                             std::to_string(job_.payloadBytes)});
  if (run_.pattern.match(id, 0, bytes, count) != count)
    return fail(socket, {ErrorClass::Corrupt, run_.pattern.explain(id, 0, bytes, count)});
  const auto number = static_cast<uint32_t>(id.sequence % socket.places.size());
  Place& place = socket.places[number];
  if (place.sequence != id.sequence || place.issuedAt == 0) {
    // Late, after it was given up, or a second time.
    if (socket.lost.erase(id.sequence) == 1) return;
    return fail(socket,
                {ErrorClass::Corrupt, "message " + std::to_string(id.sequence) + " was answered twice"});
  }
  const int64_t issuedAt = std::exchange(place.issuedAt, 0);
  place.sequence += socket.places.size();
  inFlight_.remove(1, now, window_);
  if (window_.contains(now)) {
    tally_.latency.record(now - issuedAt);
    if (issuedAt < window_.t0) tally_.edgeAreaNs -= static_cast<double>(window_.t0 - issuedAt);
  } else if (now >= window_.t1) {
    tally_.edgeAreaNs += static_cast<double>(window_.t1 - std::max(issuedAt, window_.t0));
  }
  countOk(1, now);
  release(socket, number);
}

/// The time that it was in flight for is in no latency.
void DatagramWorker::giveUp(Socket& socket, Place& place, int64_t now) {
  std::erase(socket.unsent, static_cast<uint32_t>(&place - socket.places.data()));
  socket.lost.insert(place.sequence);
  const int64_t from = std::max(std::exchange(place.issuedAt, 0), window_.t0);
  const int64_t to = std::min(now, window_.t1);
  if (to > from) tally_.edgeAreaNs += static_cast<double>(to - from);
  place.sequence += socket.places.size();
  inFlight_.remove(1, now, window_);
  ++tally_.lost;
}

void DatagramWorker::expire(int64_t now) {
  if (now < nextExpiry_) return;
  nextExpiry_ = now + kExpiryNs;
  for (Socket& socket : sockets_) {
    for (uint32_t number = 0; number < socket.places.size(); ++number) {
      Place& place = socket.places[number];
      if (place.issuedAt == 0 || place.issuedAt + kLostNs > now) continue;
      giveUp(socket, place, now);
      release(socket, number);
    }
  }
}

void DatagramWorker::sendAll() {
  for (const uint32_t index : std::exchange(senders_, {})) {
    Socket& socket = sockets_[index];
    socket.isListed = false;
    if (run_.stopped() || send(socket)) continue;
    socket.isListed = true;
    senders_.push_back(index);
  }
}

bool DatagramWorker::send(Socket& socket) {
  while (!socket.unsent.empty()) {
    const size_t count = std::min(kBatch, socket.unsent.size());
    for (size_t i = 0; i < count; ++i) {
      uint8_t* const bytes = output_.data() + i * room_;
      run_.pattern.fill({idOf(socket), socket.places[socket.unsent[i]].sequence}, 0, bytes,
                        job_.payloadBytes);
      vectors_[i] = {bytes, job_.payloadBytes};
      messages_[i].msg_hdr = {};
      messages_[i].msg_hdr.msg_iov = &vectors_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
    const int64_t now = base::monotonicNs();
    passTime(now);
    if (now >= window_.t1) {
      // Nothing new is asked when the slice is over.
      std::erase_if(socket.unsent, [&](uint32_t place) { return socket.places[place].issuedAt == 0; });
      if (socket.unsent.size() < count) continue;
    }
    for (size_t i = 0; i < count; ++i) putInFlight(socket.places[socket.unsent[i]], now);
    const int sent = sendmmsg(socket.descriptor.fd(), messages_.data(), static_cast<unsigned>(count),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == ENOBUFS) return false;
      fail(socket, failureOf(errno, "sending to", run_.target));
      return true;
    }
    socket.unsent.erase(socket.unsent.begin(), socket.unsent.begin() + sent);
  }
  return true;
}

/// Its latency begins here, right before the call that sends it.
void DatagramWorker::putInFlight(Place& place, int64_t now) {
  if (place.issuedAt != 0) return;
  place.issuedAt = now;
  ++tally_.sent;
  inFlight_.add(1, now, window_);
}

/// What is outstanding on the socket fails, and the load ends, because its number would mean nothing.
void DatagramWorker::fail(Socket& socket, const Failure& failure) {
  const int64_t now = base::monotonicNs();
  passTime(now);
  uint64_t failed = 0;
  for (Place& place : socket.places) failed += std::exchange(place.issuedAt, 0) != 0 ? 1 : 0;
  inFlight_.remove(failed, now, window_);
  if (failed == 0) ++tally_.sent;
  countErrors(std::max<uint64_t>(failed, 1), failure, idOf(socket), socket.places.front().sequence);
  socket.unsent.clear();
  run_.stop();
}

}  // namespace loadgen
