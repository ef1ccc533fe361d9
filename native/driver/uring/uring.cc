// The ring: one turn, and how requests end.
#include "uring.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "../../base/clock.h"
#include "../../base/error.h"
#include "flags.h"

namespace driver {

constexpr unsigned kSubmissions = 1024;
constexpr unsigned kCompletions = 4096;
constexpr unsigned kFlags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL;

static std::span<uint8_t> requireSlab(std::span<uint8_t> slab) {
  if (slab.size() < kSmallestSlabBytes)
    throw std::invalid_argument("The receive slab of this driver must have " +
                                std::to_string(kSmallestSlabBytes) + " bytes at least.");
  return slab;
}

bool UringDriver::Completion::isLast() const { return (flags & IORING_CQE_F_MORE) == 0; }
bool UringDriver::Completion::hasBuffer() const { return (flags & IORING_CQE_F_BUFFER) != 0; }
uint16_t UringDriver::Completion::buffer() const {
  return static_cast<uint16_t>(flags >> IORING_CQE_BUFFER_SHIFT);
}

UringDriver::UringDriver(Handler& handler, const Settings& settings)
    : DriverBase(handler, settings, Slots::of<UringConnection>(limitOf(settings))),
      ring_(kSubmissions, kCompletions, kFlags, multiplexer::UringRing::Refusal::Fail),
      held_(requireSlab(settings.slab).last(kReadCapBytes)),
      buffers_(ring_, kBufferGroup, settings.slab.first(settings.slab.size() - kReadCapBytes)) {}

UringDriver::~UringDriver() { dropAll(); }

void UringDriver::dropAll() {
  dropping_ = true;
  try {
    for (uint32_t listener = 0; listener < listeners_.size(); ++listener) closeListener(listener);
    for (uint32_t socket = 0; socket < datagrams_.size(); ++socket) closeDatagrams(socket);
    cancelAll();
  } catch (const std::exception&) {
    // A ring that has failed cannot be asked any more; its end, which is near, ends the requests.
  }
  listeners_.clear();
  datagrams_.clear();
  accepting_.clear();
  for (const Completion& completion : completions_)
    if (completion.operation == Operation::Accept && completion.result >= 0) ::close(completion.result);
  completions_.clear();
  for (uint32_t slot = 0; slot < slots_.size(); ++slot) {
    UringConnection& connection = own(slots_.at(slot));
    const int fd = connection.open() ? connection.fd : connection.requests.closingFd;
    if (fd >= 0) ::close(fd);
    connection.fd = -1;
    connection.requests = Requests();
  }
}

/// Ends every request, so that closing a descriptor reaches the peer and nothing writes to the slab any more.
void UringDriver::cancelAll() {
  while (inFlight_ > 0) {
    io_uring_sqe* const all = request(Operation::Cancel, 0, -1);
    all->rw_flags = kCancelAny | kCancelAll;
    ++waiting_.controls;
    enter(1, -1);
  }
}

void UringDriver::turn(int64_t timeoutNs) {
  prepare();
  timeoutNs = completions_.empty() ? boundedTimeout(timeoutNs) : 0;
  settings_.waitClock.begin(base::monotonicNs());
  ++waiting_.waits;
  enter(timeoutNs == 0 ? 0 : 1, timeoutNs);
  nowNs_ = base::monotonicNs();
  settings_.waitClock.end(nowNs_);
  ++turn_;
  heldUsed_ = 0;
  const uint64_t eventsBefore = waiting_.events;
  beginBatch();
  // Serving may enter the kernel to make room for a request; what that brings is for the next turn.
  serving_.swap(completions_);
  for (const Completion& completion : serving_) serve(completion);
  serving_.clear();
  if (waiting_.events == eventsBefore && timeoutNs != 0) ++waiting_.emptyWakes;
  endBatch();
  giveBackKept();
  settle();
}

void UringDriver::submit() {
  prepare();
  if (ring_.unsubmitted() == 0) return;
  ++waiting_.controls;
  enter(0, 0);
}

/// Writes down what the next `enter` shall submit.
void UringDriver::prepare() {
  if (wakeFd_ >= 0 && !wakeArmed_) {
    // Once, and again after each completion, so that it looks at the state as it is then.
    request(Operation::Wake, 0, wakeFd_)->poll_events = POLLIN;
    wakeArmed_ = true;
  }
  prepareSends();
}

io_uring_sqe* UringDriver::request(Operation operation, uint32_t number, int fd) {
  io_uring_sqe* entry = ring_.next();
  while (entry == nullptr) {
    ++waiting_.controls;
    enter(0, 0);
    entry = ring_.next();
  }
  constexpr uint8_t kOpcodes[] = {IORING_OP_ASYNC_CANCEL, IORING_OP_ACCEPT,   IORING_OP_RECV,
                                  IORING_OP_SEND,         IORING_OP_POLL_ADD, IORING_OP_CONNECT,
                                  IORING_OP_POLL_ADD};
  entry->opcode = kOpcodes[static_cast<size_t>(operation)];
  entry->fd = fd;
  entry->user_data = userDataOf(operation, number);
  if (operation != Operation::Cancel) ++inFlight_;
  return entry;
}

uint64_t UringDriver::userDataOf(Operation operation, uint32_t number) {
  return static_cast<uint64_t>(operation) << 32 | number;
}

void UringDriver::cancel(Operation operation, uint32_t number) {
  request(Operation::Cancel, number, -1)->addr = userDataOf(operation, number);
}

/// Submits, awaits this many completions, and takes all there are.
void UringDriver::enter(unsigned awaited, int64_t timeoutNs) {
  const int result = ring_.enter(awaited, timeoutNs);
  // EAGAIN is a shortage of memory and EBUSY a full completion queue; what was not submitted goes next time.
  if (result < 0 && result != -ETIME && result != -EINTR && result != -EBUSY && result != -EAGAIN)
    throw base::SystemError("io_uring_enter", -result,
                            "EEXIST: only the thread that made this driver may use it");
  reap();
  while (ring_.overflowed()) {
    ++waiting_.overflows;
    ++waiting_.controls;
    ring_.enter(0, 0);
    reap();
  }
  concludeSends();
}

void UringDriver::reap() {
  ring_.drain([this](const io_uring_cqe& entry) {
    const auto operation = static_cast<Operation>(entry.user_data >> 32);
    if (operation == Operation::Cancel) return;
    completions_.push_back({operation, static_cast<uint32_t>(entry.user_data), entry.res, entry.flags});
    if (completions_.back().isLast()) --inFlight_;
    if (operation == Operation::Send)
      own(slots_.at(completions_.back().number)).requests.sendCompleted = true;
  });
}

void UringDriver::serve(const Completion& completion) {
  switch (completion.operation) {
    case Operation::Accept:
      return accepted(completion);
    case Operation::Receive:
      return received(completion);
    case Operation::Send:
      return sent(completion);
    case Operation::Wake:
      ++waiting_.events;
      woken_ = true;
      wakeArmed_ = false;
      return;
    case Operation::Connect:
      return connected(completion);
    case Operation::Datagrams:
      return datagramsReady(completion);
    case Operation::Cancel:
      return;
  }
}

void UringDriver::letGo(Connection& closed, int fd) {
  UringConnection& connection = own(closed);
  Requests& requests = connection.requests;
  dropHeld(connection);
  requests.closingFd = fd;
  if (requests.receiving && !requests.withdrawing) cancel(Operation::Receive, connection.slot);
  if (requests.sending) cancel(Operation::Send, connection.slot);
  if (requests.connecting) cancel(Operation::Connect, connection.slot);
  closeWhenQuiet(connection);
}

/// For a connection that is over.
void UringDriver::closeWhenQuiet(UringConnection& connection) {
  if (connection.requests.inFlight()) return;
  ::close(std::exchange(connection.requests.closingFd, -1));
  connection.queuedLater.clear();
  freeLater(connection);
}

size_t UringDriver::unsentBytes(Token token) {
  Connection* const connection = slots_.find(token);
  return connection == nullptr ? 0 : own(*connection).unsentBytes();
}

}  // namespace driver
