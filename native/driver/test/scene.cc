// The scene: the driver's callbacks become a record, and clients wait with its turns rather than with sleep.
#include "scene.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ranges>

#include "../../base/clock.h"

namespace driver::test {

constexpr int64_t kPatienceNs = 10'000'000'000;
constexpr int64_t kTurnNs = 20'000'000;
constexpr uint32_t kConnectionLimit = 4096;

Scene::Scene(const Kind& kind, const SceneOptions& options) : options_(options), slab_(options.slabBytes) {
  driver_ = kind.make(
      *this,
      Settings{
          .slab = slab_, .unsentBytes = {}, .connectionLimit = kConnectionLimit, .waitClock = waitClock_});
  ListenOptions where = ListenOptions::onLoopback();
  where.idleTimeoutMs = options.idleTimeoutMs;
  listener_ = driver_->listen(where);
}

Client Scene::knock() const {
  Client client(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const Address target("127.0.0.1", driver_->portOf(listener_));
  const int result = ::connect(client.fd(), &target.any, target.length());
  check(result == 0 || errno == EINPROGRESS, "A client cannot connect.");
  return client;
}

Client Scene::connect() {
  const size_t before = records_.size();
  Client client = knock();
  turnUntil([&] { return records_.size() > before; }, "A client was not accepted.");
  client.await(POLLOUT);
  return client;
}

Record& Scene::of(Token token) {
  // The newest first, because a slot's generation may come round only in theory, but a mistake may use it
  // twice.
  for (Record& one : records_ | std::views::reverse)
    if (one.token == token) return one;
  throw Failure("The driver reported a connection that it had not opened.");
}

void Scene::turnUntil(const std::function<bool()>& done, const std::string& sentence) {
  const int64_t deadlineNs = base::monotonicNs() + kPatienceNs;
  while (!done()) {
    check(base::monotonicNs() < deadlineNs, sentence);
    turn(kTurnNs);
  }
}

void Scene::turn(int64_t timeoutNs) {
  for (Record& one : records_) one.receivedInTurn = 0;
  driver_->turn(timeoutNs);
}

void Scene::send(Token token, const std::string& bytes) {
  const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  driver_->send(token, {&piece, 1});
}

void Scene::opened(Token connection, uint32_t /*listener*/) {
  Record fresh;
  fresh.token = connection;
  records_.push_back(fresh);
  if (onOpen) onOpen(connection);
}

Received Scene::data(Token connection, std::span<const uint8_t> bytes) {
  Record& record = of(connection);
  record.received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  record.receivedInTurn += bytes.size();
  if (record.closes > 0) ++record.afterClose;
  if (onData) onData(connection, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return options_.received;
}

void Scene::drained(Token connection) {
  ++of(connection).drains;
  if (onDrain) onDrain(connection);
}

void Scene::ended(Token connection) {
  Record& record = of(connection);
  ++record.ends;
  if (record.closes > 0) ++record.afterClose;
  if (onEnd) onEnd(connection);
}

void Scene::closed(Token connection, int error) {
  Record& record = of(connection);
  ++record.closes;
  record.error = error;
}

void Scene::datagram(uint32_t /*socket*/, std::span<const uint8_t> bytes) {
  datagrams.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void Scene::batchEnded() {
  if (onBatchEnd) onBatchEnd();
}

void awaitDelivery(const Client& client, bool finSent) {
  const int64_t deadlineNs = base::monotonicNs() + kPatienceNs;
  for (;;) {
    int unacknowledged = 0;
    tcp_info info{};
    socklen_t length = sizeof info;
    const bool asked = ioctl(client.fd(), SIOCOUTQ, &unacknowledged) == 0 &&
                       getsockopt(client.fd(), IPPROTO_TCP, TCP_INFO, &info, &length) == 0;
    check(asked, "A client's socket cannot be asked what it has sent.");
    if (unacknowledged == 0 && (!finSent || info.tcpi_state != TCP_FIN_WAIT1)) return;
    check(base::monotonicNs() < deadlineNs, "The server's kernel does not take what was sent.");
    pollfd nothing{-1, 0, 0};
    ::poll(&nothing, 1, 1);
  }
}

int serverEndOf(const Client& client) {
  const uint16_t clientPort = localAddressOf(client.fd()).port();
  for (int fd = 3; fd < 4096; ++fd) {
    Address peer;
    socklen_t length = sizeof peer;
    if (fd != client.fd() && getpeername(fd, &peer.any, &length) == 0 && peer.port() == clientPort) return fd;
  }
  throw Failure("The server's end of a connection was not found.");
}

std::string readFrom(Scene& scene, const Client& client, size_t count) {
  std::string all;
  scene.turnUntil(
      [&] {
        for (std::string more = client.receive(); !more.empty(); more = client.receive()) all += more;
        return all.size() >= count;
      },
      "A client did not get its bytes.");
  return all;
}

int endOf(Scene& scene, const Client& client) {
  int error = -1;
  scene.turnUntil(
      [&] {
        char bytes[1 << 16];
        ssize_t got = 0;
        while ((got = ::recv(client.fd(), bytes, sizeof bytes, 0)) > 0) continue;
        if (got == 0) error = 0;
        if (got < 0 && errno != EAGAIN) error = errno;
        return error >= 0;
      },
      "A client did not see the end of its connection.");
  return error;
}

std::string patternOf(size_t count) {
  std::string bytes(count, '\0');
  for (size_t index = 0; index < count; ++index)
    bytes[index] = static_cast<char>((index * 2654435761u) >> 24);
  return bytes;
}

void DescriptorLimit::leave(size_t more) const {
  std::vector<Client> taken;
  while (taken.size() < more) taken.emplace_back(fcntl(0, F_DUPFD_CLOEXEC, 0));
  lower(static_cast<rlim_t>(taken.back().fd() + 1));
}

void DescriptorLimit::lower(rlim_t soft) const {
  rlimit limit = before_;
  limit.rlim_cur = soft;
  checkEqual(setrlimit(RLIMIT_NOFILE, &limit), 0, "What setrlimit returns");
}

}  // namespace driver::test
