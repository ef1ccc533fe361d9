// Whether the completion driver can run here: one connection to itself is accepted, received from and
// answered.
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "../../base/descriptor.h"
#include "../../base/error.h"
#include "../../multiplexer/uring_obstacle.h"
#include "../../multiplexer/uring_ring.h"
#include "uring.h"

namespace driver {

namespace {

constexpr int64_t kTurnNs = 200'000'000;
constexpr int kTurns = 10;

class Echo : public Handler {
 public:
  Driver* driver = nullptr;
  bool hasOpened = false;
  bool answered = false;
  int error = 0;

  void opened(Token, uint32_t) override { hasOpened = true; }
  Received data(Token connection, std::span<const uint8_t> bytes) override {
    const iovec piece{const_cast<uint8_t*>(bytes.data()), bytes.size()};
    driver->send(connection, {&piece, 1});
    driver->wantDrain(connection);
    return Received::Used;
  }
  void drained(Token) override { answered = true; }
  void ended(Token) override {}
  void closed(Token, int reason) override { error = reason; }
  void rejected(const std::string&) override {}
  void batchEnded() override {}
};

std::string lacking(const std::string& what, int error) {
  const std::string name = error == 0 ? "" : std::string(": ") + strerrorname_np(error);
  return "io_uring: " + what + name + ": this kernel lacks it; it needs Linux 6.1.";
}

std::optional<std::string> probe() {
  std::vector<uint8_t> slab(kSmallestSlabBytes);
  Echo echo;
  WaitClock waitClock;
  UringDriver driver(echo, {.slab = slab, .unsentBytes = {}, .connectionLimit = 1, .waitClock = waitClock});
  echo.driver = &driver;
  const uint16_t port = driver.portOf(driver.listen(ListenOptions::onLoopback()));
  const Address address("127.0.0.1", port);
  const base::Descriptor client(base::require(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  base::require(::connect(client.fd(), &address.any, address.length()), "connect");
  base::require(static_cast<int>(::send(client.fd(), "?", 1, MSG_NOSIGNAL)), "send");
  for (int turn = 0; turn < kTurns && !echo.answered && echo.error == 0; ++turn) driver.turn(kTurnNs);
  if (!echo.hasOpened) return lacking("a multishot accept does not complete", 0);
  if (!echo.answered) return lacking("a multishot receive into a ring of buffers does not work", echo.error);
  return std::nullopt;
}

/// Found out once, because every list of servers asks.
std::optional<std::string> obstacle() {
  static const std::optional<std::string> found = []() -> std::optional<std::string> {
    try {
      return probe();
    } catch (const base::SystemError& error) {
      if (error.number() == EINVAL) return lacking(error.call(), EINVAL);
      return multiplexer::uringObstacle(error);
    }
  }();
  return found;
}

}  // namespace

extern const Kind kUring = {
    .name = "uring",
    .description =
        "io_uring, which accepts, receives and sends by itself: multishot requests, a ring of receive "
        "buffers, and one system call that submits and waits (Linux 6.1)",
    .waitsIn = "io_uring_enter",
    .limit = 0,
    .obstacle = obstacle,
    .make = [](Handler& handler, const Settings& settings) -> std::unique_ptr<Driver> {
      return std::make_unique<UringDriver>(handler, settings);
    },
};

}  // namespace driver
