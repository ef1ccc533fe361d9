// Conversions between JavaScript and the driver.
#include "bindings.h"

#include <string>

#include "../base/error.h"

namespace reactor {

namespace {

int64_t nanosecondsOf(const Napi::Value& milliseconds) {
  return static_cast<int64_t>(milliseconds.ToNumber().DoubleValue() * 1'000'000.0);
}

}  // namespace

const driver::Kind& kindOf(const Napi::Value& name) {
  const std::string text = name.ToString().Utf8Value();
  if (const driver::Kind* kind = driver::find(text)) return *kind;
  std::string known;
  for (const driver::Kind& kind : driver::kinds())
    known += std::string(known.empty() ? "" : ", ") + kind.name;
  throw Napi::RangeError::New(name.Env(),
                              "There is no multiplexer \"" + text + "\"; choose one of " + known + ".");
}

driver::ListenOptions listenOptionsOf(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  driver::ListenOptions options;
  options.host = object.Get("host").ToString().Utf8Value();
  options.port = static_cast<uint16_t>(object.Get("port").ToNumber().Uint32Value());
  options.backlog = object.Get("backlog").ToNumber().Int32Value();
  options.reusePort = object.Get("reusePort").ToBoolean();
  options.idleTimeoutNs = nanosecondsOf(object.Get("idleTimeoutMs"));
  return options;
}

driver::ConnectOptions connectOptionsOf(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  driver::ConnectOptions options;
  options.host = object.Get("host").ToString().Utf8Value();
  options.port = static_cast<uint16_t>(object.Get("port").ToNumber().Uint32Value());
  options.localAddress = object.Get("localAddress").ToString().Utf8Value();
  options.connectTimeoutNs = nanosecondsOf(object.Get("connectTimeoutMs"));
  options.idleTimeoutNs = nanosecondsOf(object.Get("idleTimeoutMs"));
  return options;
}

Napi::Object countersObject(Napi::Env env, const driver::Counters& own, const multiplexer::Counters& waiting,
                            uint64_t crossings) {
  auto object = Napi::Object::New(env);
  const auto set = [&](const char* name, uint64_t value) { object.Set(name, static_cast<double>(value)); };
  set("waits", waiting.waits);
  set("events", waiting.events);
  set("emptyWakes", waiting.emptyWakes);
  set("controls", waiting.controls);
  set("rearms", waiting.rearms);
  set("cqOverflows", waiting.overflows);
  set("accepts", own.accepts);
  set("rejected", own.rejected);
  set("reads", own.reads);
  set("writes", own.writes);
  set("shortWrites", own.shortWrites);
  set("eagains", own.eagains);
  set("staleDrops", own.staleDrops);
  set("bufferExhaustion", own.bufferExhaustion);
  set("crossings", crossings);
  set("timeInWaitNs", own.timeInWaitNs);
  return object;
}

Napi::Error errorOf(Napi::Env env, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Napi::Error& error) {
    return error;
  } catch (const base::SystemError& system) {
    auto error = Napi::Error::New(env, system.what());
    error.Set("call", system.call());
    error.Set("errno", static_cast<double>(system.number()));
    return error;
  } catch (const std::exception& other) {
    return Napi::Error::New(env, other.what());
  }
}

void rethrowTo(Napi::Env env) { throw errorOf(env, std::current_exception()); }

}  // namespace reactor
