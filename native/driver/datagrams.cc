// Receiving and sending datagrams.
#include "datagrams.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../base/error.h"

namespace driver {

namespace {

constexpr size_t kAlignment = 64;

void set(int fd, int level, int option, int value, const char* call) {
  base::require(setsockopt(fd, level, option, &value, sizeof value), call);
}

socklen_t lengthOf(const uint8_t* peer) {
  sa_family_t family;
  std::memcpy(&family, peer, sizeof family);
  return family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

}  // namespace

DatagramSocket::DatagramSocket(const DatagramOptions& options)
    : stride_(kPeerBytes + options.largestBytes), batch_(std::make_unique<Batch>()) {
  // Not zeroed, so that memory is taken as far as datagrams fill it.
  batch_->arrived = std::make_unique_for_overwrite<uint8_t[]>(kBatch * stride_);
  const Address address(options.host, options.port);
  socket_ = base::Descriptor(
      base::require(::socket(address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int fd = socket_.fd();
  if (options.reusePort) set(fd, SOL_SOCKET, SO_REUSEPORT, 1, "setsockopt SO_REUSEPORT");
  if (options.ipv6Only) set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "setsockopt IPV6_V6ONLY");
  if (options.receiveBufferBytes > 0)
    set(fd, SOL_SOCKET, SO_RCVBUF, options.receiveBufferBytes, "setsockopt SO_RCVBUF");
  if (options.sendBufferBytes > 0)
    set(fd, SOL_SOCKET, SO_SNDBUF, options.sendBufferBytes, "setsockopt SO_SNDBUF");
  base::require(bind(fd, &address.any, address.length()), "bind");
}

void DatagramSocket::close() {
  counts_ = counts();
  counts_.lost += count_ - next_;
  next_ = count_ = 0;
  socket_.close();
  batch_.reset();
}

DatagramSocket::Left DatagramSocket::receive(std::span<uint8_t> room, size_t& used,
                                             const std::function<void(std::span<const uint8_t>)>& deliver) {
  used = 0;
  if (next_ == count_ && !receiveBatch()) return errno == EAGAIN ? Left::Nothing : Left::Perhaps;
  for (; next_ < count_; ++next_) {
    const size_t bytes = batch_->lengths[next_];
    if (bytes == kTruncated) {
      ++counts_.truncated;
      continue;
    }
    if (used + kPeerBytes + bytes > room.size()) return Left::NoRoom;
    std::memcpy(room.data() + used, batch_->arrived.get() + next_ * stride_, kPeerBytes + bytes);
    ++counts_.received;
    deliver({room.data() + used + kPeerBytes, bytes});
    used = std::min((used + kPeerBytes + bytes + kAlignment - 1) & ~(kAlignment - 1), room.size());
  }
  return count_ < kBatch ? Left::Nothing : Left::Perhaps;
}

/// Returns false, and errno says why, when there is none. An error that is not EAGAIN came back for something
/// that was sent, and says nothing of what is here.
bool DatagramSocket::receiveBatch() {
  Batch& batch = *batch_;
  for (size_t i = 0; i < kBatch; ++i) {
    uint8_t* const at = batch.arrived.get() + i * stride_;
    batch.vectors[i] = {at + kPeerBytes, stride_ - kPeerBytes};
    batch.messages[i].msg_hdr = {.msg_name = at,
                                 .msg_namelen = sizeof(Address),
                                 .msg_iov = &batch.vectors[i],
                                 .msg_iovlen = 1,
                                 .msg_control = nullptr,
                                 .msg_controllen = 0,
                                 .msg_flags = 0};
  }
  const int received = recvmmsg(fd(), batch.messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  ++counts_.receiveCalls;
  next_ = 0;
  count_ = received < 0 ? 0 : static_cast<size_t>(received);
  for (size_t i = 0; i < count_; ++i)
    batch.lengths[i] =
        (batch.messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0 ? kTruncated : batch.messages[i].msg_len;
  return received >= 0;
}

void DatagramSocket::send(std::span<const Outgoing> datagrams, const std::function<void(int)>& onRefused) {
  Batch& batch = *batch_;
  while (!datagrams.empty()) {
    const size_t count = std::min(kBatch, datagrams.size());
    for (size_t i = 0; i < count; ++i) {
      uint8_t* const bytes = const_cast<uint8_t*>(datagrams[i].bytes);
      batch.vectors[i] = {bytes, datagrams[i].count};
      batch.messages[i].msg_hdr = {.msg_name = bytes - kPeerBytes,
                                   .msg_namelen = lengthOf(bytes - kPeerBytes),
                                   .msg_iov = &batch.vectors[i],
                                   .msg_iovlen = 1,
                                   .msg_control = nullptr,
                                   .msg_controllen = 0,
                                   .msg_flags = 0};
    }
    const int sent =
        sendmmsg(fd(), batch.messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
    ++counts_.sendCalls;
    if (sent > 0) {
      counts_.sent += static_cast<uint64_t>(sent);
      datagrams = datagrams.subspan(static_cast<size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == ENOBUFS) {
      counts_.unsent += datagrams.size();
      return;
    }
    // The first one was refused; those behind it may be fine.
    ++counts_.refused;
    onRefused(errno);
    datagrams = datagrams.subspan(1);
  }
}

DatagramCounts DatagramSocket::counts() const {
  DatagramCounts counts = counts_;
  if (!open()) return counts;
  std::array<uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof memory;
  if (getsockopt(fd(), SOL_SOCKET, SO_MEMINFO, memory.data(), &length) == 0)
    counts.lost = memory[SK_MEMINFO_DROPS];
  return counts;
}

}  // namespace driver
