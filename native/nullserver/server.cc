// The null server's loop: look for messages, look at the clock, answer what is due.
#include "server.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "../base/error.h"
#include "../driver/address.h"
#include "../driver/listener.h"

namespace nullserver {

namespace {

/// Interrupts end sooner; what takes longer was a stop, or the hypervisor.
constexpr int64_t kGapNs = 100'000;

/// The kernel's stamp of a received message; 0 when it gave none.
int64_t stampOf(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp;
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return base::nanosecondsOf(stamp);
  }
  return 0;
}

}  // namespace

static driver::ListenOptions freePortOf(const std::string& host) {
  driver::ListenOptions options;
  options.host = host;
  return options;
}

Server::Server(const Options& options)
    : options_(options),
      delays_(options.delays, options.seed),
      epoll_(base::require(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      listener_(driver::openListener(freePortOf(options.host))),
      port_(driver::localAddressOf(listener_.fd()).port()),
      buffer_(kBufferBytes) {
  makeCodec(options.codec);
  const int on = 1;
  // Accepted sockets inherit it.
  base::require(setsockopt(listener_.fd(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on),
                "setsockopt SO_TIMESTAMPNS");
  watch(listener_.fd(), kListener);
  // Growing would copy everything in the middle of a measurement.
  records_.reserve(1 << 18);
}

void Server::watch(int fd, size_t index) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.u64 = index;
  base::require(epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void Server::run(const volatile sig_atomic_t& stopping) {
  std::array<epoll_event, 64> events;
  while (stopping == 0) {
    const int count = epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()), 0);
    if (count < 0 && errno != EINTR) throw base::SystemError("epoll_wait", errno);
    for (int i = 0; i < count; ++i) {
      const auto index = static_cast<size_t>(events[static_cast<size_t>(i)].data.u64);
      if (index == kListener)
        accept();
      else
        receive(index);
    }
    answerDue(noticeGap());
  }
  // A stop that came after the last turn's reading is noticed here.
  noticeGap();
}

int64_t Server::noticeGap() {
  const int64_t nowNs = base::monotonicNs();
  if (nowNs - seenNs_ > kGapNs) gaps_.push_back({seenNs_, nowNs});
  seenNs_ = nowNs;
  return nowNs;
}

void Server::accept() {
  base::Descriptor socket(accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.open()) {
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
    throw base::SystemError("accept4", errno);
  }
  const auto free =
      std::find_if(clients_.begin(), clients_.end(), [](const Client& one) { return !one.socket.open(); });
  const auto index = static_cast<size_t>(free - clients_.begin());
  if (free == clients_.end()) clients_.emplace_back();
  Client& client = clients_[index];
  watch(socket.fd(), index);
  client = {std::move(socket), makeCodec(options_.codec), ++order_, 0, {}, false};
}

void Server::receive(size_t index) {
  Client& client = clients_[index];
  if (!client.socket.open()) return;
  alignas(cmsghdr) std::array<char, 128> control;
  iovec part{buffer_.data(), buffer_.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t count = recvmsg(client.socket.fd(), &message, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    // What is still owed to it is dropped when it falls due, because its generation is over.
    client.generation = 0;
    return client.socket.close();
  }
  const int64_t stamp = stampOf(message);
  const int64_t nowNs = base::monotonicNs();
  // The kernel stamps by the other clock; both are read at once, so their distance now is their distance
  // then.
  take(index, static_cast<size_t>(count), stamp == 0 ? 0 : stamp - base::clockNs(CLOCK_REALTIME) + nowNs,
       nowNs);
}

void Server::take(size_t index, size_t count, int64_t arrivedNs, int64_t nowNs) {
  Client& client = clients_[index];
  replies_.clear();
  client.ending = !client.codec->feed({buffer_.data(), count}, replies_);
  const bool isAlone = replies_.size() == 1;
  for (Reply& reply : replies_) {
    if (!reply.delayed) {
      client.unsent += reply.bytes;
      continue;
    }
    const int64_t orderedNs = delays_.next();
    const int64_t fromNs = isAlone && arrivedNs != 0 ? arrivedNs : nowNs;
    client.lastDueNs = std::max(client.lastDueNs, fromNs + orderedNs);
    pending_.push({client.lastDueNs,
                   index,
                   client.generation,
                   ++order_,
                   {isAlone ? arrivedNs : 0, orderedNs, 0},
                   std::move(reply.bytes)});
  }
  if (!client.unsent.empty() || client.ending) touched_.push_back(index);
}

void Server::answerDue(int64_t nowNs) {
  while (!pending_.empty() && pending_.top().dueNs <= nowNs) {
    // The queue gives only const access, and the element leaves it at once.
    Pending pending = std::move(const_cast<Pending&>(pending_.top()));
    pending_.pop();
    Client& client = clients_[pending.client];
    if (client.generation != pending.generation) continue;
    // Answers of one client that are due together leave together.
    if (!touched_.empty() && touched_.back() != pending.client) flush(clients_[touched_.back()]);
    if (touched_.empty() || touched_.back() != pending.client) touched_.push_back(pending.client);
    client.unsent += pending.bytes;
    pending.record.sentNs = base::monotonicNs();
    records_.push_back(pending.record);
  }
  for (const size_t index : touched_) flush(clients_[index]);
  std::erase_if(touched_, [this](size_t index) { return clients_[index].unsent.empty(); });
}

void Server::flush(Client& client) {
  if (!client.socket.open()) client.unsent.clear();
  if (!client.unsent.empty()) {
    const ssize_t left = send(client.socket.fd(), client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
    if (left >= 0)
      client.unsent.erase(0, static_cast<size_t>(left));
    else if (errno != EAGAIN && errno != EINTR)
      client.ending = true, client.unsent.clear();
  }
  if (!client.ending || !client.unsent.empty()) return;
  client.generation = 0;
  client.socket.close();
}

}  // namespace nullserver
