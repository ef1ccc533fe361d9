// The reactor's bindings to JavaScript: the multiplexers, the reactor and the echo server. native/index.ts
// holds the types.
#include "addon.h"

#include <memory>
#include <optional>
#include <string>

#include "bindings.h"
#include "echo.h"
#include "limits.h"
#include "reactor.h"

namespace reactor {

namespace {

/// The echo server is stopped when its object is collected, at the latest when the environment ends.
class Echo : public Napi::ObjectWrap<Echo> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "EchoServer",
                       {InstanceAccessor<&Echo::port>("port"), InstanceMethod<&Echo::counters>("counters"),
                        InstanceMethod<&Echo::close>("close")});
  }

  explicit Echo(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const driver::Kind& kind = kindOf(info[0]);
    const driver::ListenOptions options = listenOptionsOf(info[1]);
    try {
      server_ = std::make_unique<EchoServer>(kind, options);
    } catch (...) {
      rethrowTo(info.Env());
    }
  }

 private:
  Napi::Value port(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), server_->port()); }

  Napi::Value counters(const Napi::CallbackInfo& info) {
    return countersObject(info.Env(), server_->counters(), server_->multiplexerCounters(),
                          server_->timeInWaitNs(), 0);
  }

  /// The thread notices within one system call, so waiting for it does not hold up JavaScript.
  Napi::Value close(const Napi::CallbackInfo& info) {
    server_->stop();
    return counters(info);
  }

  std::unique_ptr<EchoServer> server_;
};

Napi::Value kinds(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto list = Napi::Array::New(env);
  uint32_t index = 0;
  for (const driver::Kind& kind : driver::kinds()) {
    auto object = Napi::Object::New(env);
    object.Set("name", kind.name);
    object.Set("description", kind.description);
    object.Set("waitsIn", kind.waitsIn);
    object.Set("limit", kind.limit);
    const std::optional<std::string> obstacle = kind.obstacle();
    object.Set("obstacle", obstacle ? Napi::Value(Napi::String::New(env, *obstacle)) : env.Null());
    list.Set(index++, object);
  }
  return list;
}

Napi::Value connectionLimit(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), descriptorLimit());
}

}  // namespace

void addExports(Napi::Env env, Napi::Object exports) {
  auto object = Napi::Object::New(env);
  object.Set("kinds", Napi::Function::New(env, kinds, "kinds"));
  object.Set("connectionLimit", Napi::Function::New(env, connectionLimit, "connectionLimit"));
  object.Set("Reactor", Reactor::define(env));
  object.Set("EchoServer", Echo::define(env));
  exports.Set("reactor", object);
}

}  // namespace reactor
