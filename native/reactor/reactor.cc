// The reactor's methods, and its part in the loop.
#include "reactor.h"

#include <string>
#include <utility>

#include "../driver/keep_alive.h"
#include "bindings.h"
#include "limits.h"

namespace reactor {

namespace {

template <class Element>
std::span<Element> spanOf(const Napi::ArrayBuffer& buffer) {
  auto mutableBuffer = buffer;
  return {static_cast<Element*>(mutableBuffer.Data()), mutableBuffer.ByteLength() / sizeof(Element)};
}

}  // namespace

Napi::Function Reactor::define(Napi::Env env) {
  return DefineClass(
      env, "Reactor",
      {InstanceMethod("listen", &Reactor::listen), InstanceMethod("connect", &Reactor::connect),
       InstanceMethod("closeListener", &Reactor::closeListener),
       InstanceMethod("openDatagrams", &Reactor::openDatagrams),
       InstanceMethod("closeDatagrams", &Reactor::closeDatagrams),
       InstanceMethod("datagramCounts", &Reactor::datagramCounts), InstanceMethod("adopt", &Reactor::adopt),
       InstanceMethod("detach", &Reactor::detach), InstanceMethod("setKeepAlive", &Reactor::setKeepAlive),
       InstanceMethod("tcpInfo", &Reactor::tcpInfo), InstanceMethod("keepLoopAlive", &Reactor::keepLoopAlive),
       InstanceMethod("addressOf", &Reactor::addressOf), InstanceMethod("counters", &Reactor::counters),
       InstanceMethod("whyRejected", &Reactor::whyRejected), InstanceMethod("flush", &Reactor::flush),
       InstanceMethod("close", &Reactor::close)});
}

Reactor::Reactor(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  const driver::Kind& kind = kindOf(info[0]);
  const auto buffers = info[1].As<Napi::Object>();
  const auto buffer = [&](const char* name) {
    auto value = buffers.Get(name).As<Napi::ArrayBuffer>();
    memory_.push_back(Napi::Persistent(value));
    return value;
  };
  SharedMemory memory;
  memory.received = spanOf<uint8_t>(buffer("received"));
  memory.outgoing = spanOf<uint8_t>(buffer("outgoing"));
  memory.events = spanOf<EventRecord>(buffer("events"));
  memory.commands = spanOf<CommandRecord>(buffer("commands"));
  memory.unsentBytes = spanOf<uint32_t>(buffer("unsentBytes"));
  memory.control = spanOf<Control>(buffer("control")).data();
  onFailure_ = Napi::Persistent(info[3].As<Napi::Function>());
  try {
    crossing_ = std::make_unique<Crossing>(env, memory, info[2].As<Napi::Function>());
    driver_ = kind.make(*crossing_, {.slab = memory.received,
                                     .unsentBytes = memory.unsentBytes,
                                     .connectionLimit = static_cast<uint32_t>(memory.unsentBytes.size()),
                                     .waitClock = waitClock_});
    crossing_->attach(*driver_);
    host_ = LoopHost::start(env, *this);
    driver_->watchWake(host_->backendFd());
  } catch (...) {
    shutDown();
    rethrowTo(env);
  }
}

Reactor::~Reactor() { shutDown(); }

driver::Driver& Reactor::requireDriver(Napi::Env env) {
  if (driver_ == nullptr)
    throw Napi::Error::New(env, "The reactor is closed; listen again to have a new one.");
  return *driver_;
}

Napi::Value Reactor::listen(const Napi::CallbackInfo& info) {
  driver::Driver& driver = requireDriver(info.Env());
  auto result = Napi::Object::New(info.Env());
  try {
    const uint32_t listener = driver.listen(listenOptionsOf(info[0]));
    result.Set("listener", listener);
    result.Set("port", driver.portOf(listener));
    result.Set("fd", driver.descriptorOf(listener));
  } catch (...) {
    rethrowTo(info.Env());
  }
  return result;
}

Napi::Value Reactor::connect(const Napi::CallbackInfo& info) {
  driver::Driver& driver = requireDriver(info.Env());
  auto result = Napi::Object::New(info.Env());
  try {
    const driver::Token token = driver.connect(connectOptionsOf(info[0]));
    result.Set("slot", driver::slotOf(token));
    result.Set("generation", driver::generationOf(token));
  } catch (...) {
    rethrowTo(info.Env());
  }
  return result;
}

/// Returns how many connections the listener opened in all; the events of the last ones are still to come.
Napi::Value Reactor::closeListener(const Napi::CallbackInfo& info) {
  uint32_t opened = 0;
  if (driver_ == nullptr) return Napi::Number::New(info.Env(), opened);
  try {
    opened = driver_->closeListener(info[0].ToNumber().Uint32Value());
  } catch (...) {
    rethrowTo(info.Env());
  }
  return Napi::Number::New(info.Env(), opened);
}

Napi::Value Reactor::openDatagrams(const Napi::CallbackInfo& info) {
  driver::Driver& driver = requireDriver(info.Env());
  auto result = Napi::Object::New(info.Env());
  try {
    const uint32_t socket = driver.openDatagrams(datagramOptionsOf(info[0]));
    result.Set("socket", socket);
    result.Set("port", driver.portOfDatagrams(socket));
  } catch (...) {
    rethrowTo(info.Env());
  }
  return result;
}

/// What was sent before is sent first. Returns what the socket did.
Napi::Value Reactor::closeDatagrams(const Napi::CallbackInfo& info) {
  driver::Driver& driver = requireDriver(info.Env());
  executeCommands();
  driver::DatagramCounts counts;
  try {
    counts = driver.closeDatagrams(info[0].ToNumber().Uint32Value());
  } catch (...) {
    rethrowTo(info.Env());
  }
  return datagramCountsObject(info.Env(), counts);
}

Napi::Value Reactor::datagramCounts(const Napi::CallbackInfo& info) {
  return datagramCountsObject(info.Env(),
                              requireDriver(info.Env()).countsOf(info[0].ToNumber().Uint32Value()));
}

/// A descriptor and a listener in; an event opens the connection. False when there was no place for it.
Napi::Value Reactor::adopt(const Napi::CallbackInfo& info) {
  driver::Driver& driver = requireDriver(info.Env());
  const bool adopted = driver.adopt(info[0].ToNumber().Int32Value(), info[1].ToNumber().Uint32Value());
  return Napi::Boolean::New(info.Env(), adopted);
}

/// Slot and generation in, the descriptor out; negative when it cannot be given away.
Napi::Value Reactor::detach(const Napi::CallbackInfo& info) {
  const driver::Connection* connection = connectionOf(info);
  const int fd = connection == nullptr ? -1 : driver_->detach(connection->token());
  return Napi::Number::New(info.Env(), fd);
}

/// Slot, generation and seconds in.
Napi::Value Reactor::setKeepAlive(const Napi::CallbackInfo& info) {
  const driver::Connection* connection = connectionOf(info);
  try {
    if (connection != nullptr && driver::localAddressOf(connection->fd).any.sa_family != AF_UNIX)
      driver::setKeepAlive(connection->fd, info[2].ToNumber().Int32Value());
  } catch (...) {
    rethrowTo(info.Env());
  }
  return info.Env().Undefined();
}

Napi::Value Reactor::tcpInfo(const Napi::CallbackInfo& info) {
  const driver::Connection* connection = connectionOf(info);
  return connection == nullptr ? info.Env().Null() : tcpInfoOf(info.Env(), connection->fd);
}

Napi::Value Reactor::keepLoopAlive(const Napi::CallbackInfo& info) {
  if (host_ != nullptr) host_->keepLoopAlive(info[0].ToBoolean());
  return info.Env().Undefined();
}

const driver::Connection* Reactor::connectionOf(const Napi::CallbackInfo& info) const {
  const driver::Token token =
      driver::tokenOf(info[0].ToNumber().Uint32Value(), info[1].ToNumber().Uint32Value());
  return driver_ == nullptr ? nullptr : driver_->find(token);
}

/// Slot and generation in; null when the connection is gone, or was reset.
Napi::Value Reactor::addressOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const driver::Connection* connection = connectionOf(info);
  if (connection == nullptr) return env.Null();
  const std::optional<driver::Address> remote = driver::remoteAddressOf(connection->fd);
  if (!remote) return env.Null();
  auto result = Napi::Object::New(env);
  try {
    result.Set("remoteAddress", remote->host());
    result.Set("remotePort", remote->port());
    const driver::Address local = driver::localAddressOf(connection->fd);
    result.Set("localAddress", local.host());
    result.Set("localPort", local.port());
  } catch (...) {
    rethrowTo(env);
  }
  return result;
}

Napi::Value Reactor::counters(const Napi::CallbackInfo& info) {
  const driver::Driver& driver = requireDriver(info.Env());
  return countersObject(info.Env(), driver.counters(), driver.multiplexerCounters(), waitClock_.totalNs(),
                        crossing_->crossings());
}

Napi::Value Reactor::whyRejected(const Napi::CallbackInfo& info) {
  const std::string reason = crossing_ == nullptr ? "" : crossing_->whyRejected();
  return Napi::String::New(info.Env(), reason);
}

Napi::Value Reactor::flush(const Napi::CallbackInfo& info) {
  if (driver_ != nullptr) executeCommands();
  return info.Env().Undefined();
}

Napi::Value Reactor::close(const Napi::CallbackInfo& info) {
  // Within a batch the driver is still on the stack.
  if (serving_)
    closing_ = true;
  else
    shutDown();
  return info.Env().Undefined();
}

void Reactor::beforeWaits() { executeCommands(); }

void Reactor::executeCommands() {
  try {
    crossing_->executeCommands();
    if (!serving_) driver_->settle();
  } catch (const std::exception&) {
    failure_ = std::current_exception();
  }
}

bool Reactor::waitAndServe(int64_t timeoutNs) {
  serving_ = true;
  try {
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    driver_->turn(crossing_->owes() ? 0 : timeoutNs);
  } catch (const std::exception&) {
    serving_ = false;
    fail(std::current_exception());
    return false;
  }
  serving_ = false;
  if (closing_) {
    shutDown();
    return false;
  }
  return !driver_->takeWake() && crossing_->alive();
}

/// JavaScript ends every connection with this error; what it begins meanwhile has a reactor of its own.
void Reactor::fail(const std::exception_ptr& failure) {
  const Napi::Env env = Env();
  const Napi::HandleScope scope(env);
  const Napi::Value error = errorOf(env, failure).Value();
  shutDown();
  try {
    onFailure_.MakeCallback(env.Global(), {error});
  } catch (const Napi::Error& thrown) {
    napi_fatal_exception(env, thrown.Value());
  }
}

void Reactor::afterWaits() {
  try {
    driver_->submit();
  } catch (const std::exception&) {
    fail(std::current_exception());
  }
}

void Reactor::shutDown() {
  // The host goes on until the loop has closed its handles, and deletes itself.
  if (host_ != nullptr) std::exchange(host_, nullptr)->close();
  driver_.reset();
  crossing_.reset();
}

}  // namespace reactor
