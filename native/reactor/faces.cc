// Options in, counters and errors out.
#include "faces.h"

#include <string>
#include <system_error>

namespace reactor {

const multiplexer::Kind& kindOf(const Napi::Value& name) {
  const std::string text = name.ToString().Utf8Value();
  if (const multiplexer::Kind* kind = multiplexer::find(text)) return *kind;
  std::string known;
  for (const multiplexer::Kind& kind : multiplexer::kinds())
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
  options.idleTimeoutNs =
      static_cast<int64_t>(object.Get("idleTimeoutMs").ToNumber().DoubleValue() * 1'000'000.0);
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
  set("sheds", own.sheds);
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

void rethrowTo(Napi::Env env) {
  try {
    throw;
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::system_error& failure) {
    const std::string what = failure.what();
    auto error = Napi::Error::New(env, what);
    error.Set("call", what.substr(0, what.find(':')));
    error.Set("errno", static_cast<double>(failure.code().value()));
    throw error;
  } catch (const std::exception& failure) {
    throw Napi::Error::New(env, failure.what());
  }
}

}  // namespace reactor
