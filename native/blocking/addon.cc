// The blocking echo server's bindings to JavaScript: a class whose objects listen from construction to
// close().
#include "addon.h"

#include <memory>
#include <string>

#include "blocking_echo.h"

namespace blocking {

namespace {

class Server : public Napi::ObjectWrap<Server> {
 public:
  explicit Server(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    if (info.Length() != 2 || !info[0].IsString() || !info[1].IsNumber())
      throw Napi::TypeError::New(info.Env(), "BlockingEcho takes a host and a port.");
    const std::string host = info[0].As<Napi::String>();
    const auto port = static_cast<uint16_t>(info[1].As<Napi::Number>().Uint32Value());
    try {
      echo_ = std::make_unique<BlockingEcho>(host, port);
    } catch (const std::exception& error) {
      throw Napi::Error::New(info.Env(), error.what());
    }
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "BlockingEcho",
                       {InstanceAccessor<&Server::port>("port"), InstanceMethod<&Server::close>("close")});
  }

 private:
  Napi::Value port(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), echo_->port()); }
  void close(const Napi::CallbackInfo& /*info*/) { echo_->close(); }

  std::unique_ptr<BlockingEcho> echo_;
};

}  // namespace

void addExports(Napi::Env env, Napi::Object exports) {
  auto part = Napi::Object::New(env);
  part.Set("BlockingEcho", Server::define(env));
  exports.Set("blocking", part);
}

}  // namespace blocking
