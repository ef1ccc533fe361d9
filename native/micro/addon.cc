// See addon.h. Each piece does its work as often as it is asked for in one call, so that the call itself is a
// small part.
#include "addon.h"

#include <sys/eventfd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../base/descriptor.h"
#include "../base/error.h"
#include "../loadgen/histogram.h"
#include "../multiplexer/multiplexer.h"

namespace micro {

namespace {

/// Records as many latencies; returns how many are counted.
Napi::Value recordLatencies(const Napi::CallbackInfo& info) {
  const uint32_t times = info[0].As<Napi::Number>().Uint32Value();
  loadgen::Histogram histogram;
  // Spread over the buckets as a load's latencies are, by a generator that costs next to nothing.
  uint32_t state = 1;
  for (uint32_t i = 0; i < times; ++i) {
    state = state * 1'664'525 + 1'013'904'223;
    histogram.record(10'000 + (state >> 10));
  }
  return Napi::Number::New(info.Env(), static_cast<double>(histogram.count()));
}

/// Descriptors that are watched, of which one becomes ready in each turn.
class Waiter : public Napi::ObjectWrap<Waiter> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Waiter",
                       {InstanceMethod<&Waiter::turn>("turn"), InstanceMethod<&Waiter::close>("close")});
  }

  explicit Waiter(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const std::string name = info[0].As<Napi::String>();
    const uint32_t count = info[1].As<Napi::Number>().Uint32Value();
    const multiplexer::Kind* kind = multiplexer::find(name);
    if (kind == nullptr) throw Napi::Error::New(info.Env(), "There is no multiplexer \"" + name + "\".");
    try {
      multiplexer_ = kind->make();
      for (uint32_t i = 0; i < count; ++i) {
        descriptors_.emplace_back(base::require(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd"));
        multiplexer_->add(descriptors_.back().fd(), multiplexer::kReadable, i);
      }
    } catch (const std::exception& error) {
      throw Napi::Error::New(info.Env(), error.what());
    }
  }

 private:
  /// Makes a descriptor ready, waits, and takes its readiness, as often as asked; returns how many events
  /// came.
  Napi::Value turn(const Napi::CallbackInfo& info) {
    const uint32_t times = info[0].As<Napi::Number>().Uint32Value();
    std::array<multiplexer::Event, 64> events{};
    size_t seen = 0;
    try {
      for (uint32_t i = 0; i < times; ++i) {
        // Another one each time, so that no place in the set is better than the others.
        next_ = (next_ + 7) % descriptors_.size();
        eventfd_t value = 1;
        base::require(eventfd_write(descriptors_[next_].fd(), value), "write");
        const size_t count = multiplexer_->wait(events, -1);
        for (size_t event = 0; event < count; ++event)
          if (eventfd_read(descriptors_[events[event].token].fd(), &value) == 0) ++seen;
      }
    } catch (const std::exception& error) {
      throw Napi::Error::New(info.Env(), error.what());
    }
    return Napi::Number::New(info.Env(), static_cast<double>(seen));
  }

  void close(const Napi::CallbackInfo& /*info*/) {
    if (multiplexer_ == nullptr) return;
    for (const base::Descriptor& descriptor : descriptors_) multiplexer_->remove(descriptor.fd());
    multiplexer_.reset();
    descriptors_.clear();
  }

  std::unique_ptr<multiplexer::Multiplexer> multiplexer_;
  std::vector<base::Descriptor> descriptors_;
  size_t next_ = 0;
};

/// The table of multiplexers, with what keeps one from being used here.
Napi::Value multiplexers(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto list = Napi::Array::New(env);
  uint32_t index = 0;
  for (const multiplexer::Kind& kind : multiplexer::kinds()) {
    auto object = Napi::Object::New(env);
    const std::optional<std::string> obstacle = kind.obstacle();
    object.Set("name", kind.name);
    object.Set("limit", kind.limit);
    object.Set("obstacle", obstacle ? Napi::Value(Napi::String::New(env, *obstacle)) : env.Null());
    list.Set(index++, object);
  }
  return list;
}

}  // namespace

void addExports(Napi::Env env, Napi::Object exports) {
  auto object = Napi::Object::New(env);
  object.Set("multiplexers", Napi::Function::New(env, multiplexers, "multiplexers"));
  object.Set("recordLatencies", Napi::Function::New(env, recordLatencies, "recordLatencies"));
  object.Set("Waiter", Waiter::define(env));
  exports.Set("micro", object);
}

}  // namespace micro
