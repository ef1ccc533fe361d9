// The hooks in libuv's loop.
#include "loop_host.h"

#include <cstring>
#include <stdexcept>

namespace reactor {

/// Waits in one turn of libuv's loop while libuv has nothing to do: each turn costs it one look at its
/// descriptors.
constexpr int kWaitsPerLoopTurn = 32;

LoopHost* LoopHost::start(napi_env env, LoopGuest& guest) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok)
    throw std::runtime_error("This environment has no libuv loop, so the reactor cannot live in it.");
  auto* const host = new LoopHost();
  host->loop_ = loop;
  host->guest_ = &guest;
  uv_prepare_init(loop, &host->prepare_);
  uv_idle_init(loop, &host->idle_);
  host->openHandles_ = 2;
  host->prepare_.data = host;
  host->idle_.data = host;
  // The prepare handle keeps the loop alive as long as there are servers; the idle handle is only a means.
  uv_unref(reinterpret_cast<uv_handle_t*>(&host->idle_));
  uv_prepare_start(&host->prepare_,
                   [](uv_prepare_t* handle) { static_cast<LoopHost*>(handle->data)->onPrepare(); });
  const auto onTeardown = [](napi_async_cleanup_hook_handle, void* data) {
    auto* const torn = static_cast<LoopHost*>(data);
    if (torn->guest_ != nullptr) torn->guest_->tornDown();
  };
  napi_add_async_cleanup_hook(env, onTeardown, host, &host->hook_);
  return host;
}

void LoopHost::close() {
  guest_ = nullptr;
  const auto onClosed = [](uv_handle_t* handle) {
    auto* const host = static_cast<LoopHost*>(handle->data);
    if (--host->openHandles_ > 0) return;
    napi_remove_async_cleanup_hook(host->hook_);
    delete host;
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), onClosed);
  uv_close(reinterpret_cast<uv_handle_t*>(&idle_), onClosed);
}

void LoopHost::keepLoopAlive(bool keep) {
  auto* const handle = reinterpret_cast<uv_handle_t*>(&prepare_);
  if (keep)
    uv_ref(handle);
  else
    uv_unref(handle);
}

void LoopHost::onPrepare() {
  // An active idle handle would make libuv say that it must not sleep.
  uv_idle_stop(&idle_);
  guest_->beforeWaits();
  for (int waits = 0; guest_ != nullptr && waits < kWaitsPerLoopTurn; ++waits) {
    const int64_t timeout = timeoutNs();
    if (!guest_->waitAndServe(timeout) || timeout == 0) break;
  }
  if (guest_ == nullptr) return;
  guest_->afterWaits();
  if (guest_ != nullptr) uv_idle_start(&idle_, [](uv_idle_t*) {});
}

/// How long libuv itself would sleep now.
int64_t LoopHost::timeoutNs() const {
  if (libuvIsBehind()) return 0;
  uv_update_time(loop_);
  const int timeoutMs = uv_backend_timeout(loop_);
  return timeoutMs < 0 ? -1 : static_cast<int64_t>(timeoutMs) * 1'000'000;
}

/// libuv puts new descriptors into its epoll set only when it polls; until then its descriptor
/// does not report them.
bool LoopHost::libuvIsBehind() const {
  // The queue's head is public in uv_loop_t, though its type changed from void*[2] to a struct of two
  // pointers; an empty queue points at itself in both.
  const void* first;
  std::memcpy(&first, &loop_->watcher_queue, sizeof first);
  return first != &loop_->watcher_queue;
}

}  // namespace reactor
