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

DatagramSocket::DatagramSocket(const DatagramOptions& options) : largestBytes_(options.largestBytes) {
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
  socket_.close();
}

DatagramSocket::Left DatagramSocket::receive(std::span<uint8_t> room, size_t& used,
                                             const std::function<void(std::span<const uint8_t>)>& deliver) {
  used = 0;
  const size_t stride = (kPeerBytes + largestBytes_ + kAlignment - 1) & ~(kAlignment - 1);
  // The last one needs no room behind it.
  const size_t fitting =
      room.size() < kPeerBytes + largestBytes_ ? 0 : (room.size() - kPeerBytes - largestBytes_) / stride + 1;
  const size_t count = std::min(kBatch, fitting);
  if (count == 0) return Left::NoRoom;
  for (size_t i = 0; i < count; ++i) {
    uint8_t* const at = room.data() + i * stride;
    vectors_[i] = {at + kPeerBytes, largestBytes_};
    messages_[i].msg_hdr = {.msg_name = at,
                            .msg_namelen = sizeof(Address),
                            .msg_iov = &vectors_[i],
                            .msg_iovlen = 1,
                            .msg_control = nullptr,
                            .msg_controllen = 0,
                            .msg_flags = 0};
  }
  const int received = recvmmsg(fd(), messages_.data(), static_cast<unsigned>(count), MSG_DONTWAIT, nullptr);
  ++counts_.receiveCalls;
  // An error that is none of these came back for something that was sent, and says nothing of what is here.
  if (received < 0) return errno == EAGAIN ? Left::Nothing : Left::Perhaps;
  const auto got = static_cast<size_t>(received);
  for (size_t i = 0; i < got; ++i) {
    if ((messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      ++counts_.truncated;
      continue;
    }
    ++counts_.received;
    deliver({room.data() + i * stride + kPeerBytes, messages_[i].msg_len});
  }
  used = std::min(got * stride, room.size());
  return got < count ? Left::Nothing : Left::Perhaps;
}

void DatagramSocket::send(std::span<const Outgoing> datagrams, const std::function<void(int)>& onRefused) {
  while (!datagrams.empty()) {
    const size_t count = std::min(kBatch, datagrams.size());
    for (size_t i = 0; i < count; ++i) {
      uint8_t* const bytes = const_cast<uint8_t*>(datagrams[i].bytes);
      vectors_[i] = {bytes, datagrams[i].count};
      messages_[i].msg_hdr = {.msg_name = bytes - kPeerBytes,
                              .msg_namelen = lengthOf(bytes - kPeerBytes),
                              .msg_iov = &vectors_[i],
                              .msg_iovlen = 1,
                              .msg_control = nullptr,
                              .msg_controllen = 0,
                              .msg_flags = 0};
    }
    const int sent =
        sendmmsg(fd(), messages_.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
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
