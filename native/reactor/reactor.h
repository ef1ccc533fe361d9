// The reactor as JavaScript sees it: one driver, its crossing, and its place in the thread's loop.
#pragma once

#include <napi.h>

#include <exception>
#include <memory>

#include "crossing.h"
#include "loop_host.h"

namespace reactor {

class Reactor : public Napi::ObjectWrap<Reactor>, LoopGuest {
 public:
  static Napi::Function define(Napi::Env env);
  explicit Reactor(const Napi::CallbackInfo& info);
  ~Reactor() override;

 private:
  Napi::Value listen(const Napi::CallbackInfo& info);
  Napi::Value connect(const Napi::CallbackInfo& info);
  Napi::Value closeListener(const Napi::CallbackInfo& info);
  Napi::Value openDatagrams(const Napi::CallbackInfo& info);
  Napi::Value closeDatagrams(const Napi::CallbackInfo& info);
  Napi::Value datagramCounts(const Napi::CallbackInfo& info);
  Napi::Value adopt(const Napi::CallbackInfo& info);
  Napi::Value detach(const Napi::CallbackInfo& info);
  Napi::Value setKeepAlive(const Napi::CallbackInfo& info);
  Napi::Value tcpInfo(const Napi::CallbackInfo& info);
  Napi::Value keepLoopAlive(const Napi::CallbackInfo& info);
  Napi::Value addressOf(const Napi::CallbackInfo& info);
  Napi::Value counters(const Napi::CallbackInfo& info);
  Napi::Value whyRejected(const Napi::CallbackInfo& info);
  Napi::Value flush(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  void beforeWaits() override;
  bool waitAndServe(int64_t timeoutNs) override;
  void afterWaits() override;
  void tornDown() override { shutDown(); }
  void shutDown();
  /// Executes what JavaScript queued. A multiplexer that fails meanwhile fails the next turn instead, because
  /// whoever called may still be in the middle of its own work.
  void executeCommands();
  void fail(const std::exception_ptr& failure);
  /// Of the slot and the generation that a call begins with; null when it is gone.
  const driver::Connection* connectionOf(const Napi::CallbackInfo& info) const;
  driver::Driver& requireDriver(Napi::Env env);

  Napi::FunctionReference onFailure_;
  std::exception_ptr failure_;
  std::unique_ptr<Crossing> crossing_;
  driver::WaitClock waitClock_;
  std::unique_ptr<driver::Driver> driver_;
  /// The shared memory stays as long as native code may look at it.
  std::vector<Napi::Reference<Napi::ArrayBuffer>> memory_;
  LoopHost* host_ = nullptr;
  bool serving_ = false;
  bool closing_ = false;
};

}  // namespace reactor
