// Node's event loop inside ours.
//
// libuv sleeps in its own epoll, so a select that is merely watched by libuv would never sleep itself.
// Instead a `prepare` hook sleeps in our multiplexer just before libuv would, for as long as libuv would,
// with libuv's own epoll descriptor as one more member of the set; an active `idle` handle then makes libuv
// look at its descriptors without sleeping. Timers, promises, files, messages and signals thus work on every
// back end as they do in plain Node.js.
#pragma once

#include <node_api.h>
#include <uv.h>

#include <cstdint>

namespace reactor {

/// What lives inside the loop.
class LoopGuest {
 public:
  virtual ~LoopGuest() = default;
  /// Called before the first wait of a loop turn: what JavaScript left to do since the last one.
  virtual void beforeWaits() = 0;
  /// Waits at most `timeoutNs` (negative: no limit) and serves. Returns false when libuv has to go on first.
  virtual bool waitAndServe(int64_t timeoutNs) = 0;
  /// Called after the last wait of a loop turn: libuv goes on, for nobody knows how long.
  virtual void afterWaits() = 0;
  /// The environment is being torn down.
  virtual void tornDown() = 0;
};

/// Owns libuv handles, which can only be freed after the loop has closed them: it deletes itself then.
class LoopHost {
 public:
  /// Throws std::runtime_error when the environment has no loop.
  static LoopHost* start(napi_env env, LoopGuest& guest);
  /// The guest is not called again.
  void close();
  /// Whether the loop goes on for the guest's sake alone; it does at first.
  void keepLoopAlive(bool keep);
  /// The descriptor that is readable when libuv has something to do.
  int backendFd() const { return uv_backend_fd(loop_); }

 private:
  LoopHost() = default;
  ~LoopHost() = default;
  void onPrepare();
  bool libuvIsBehind() const;
  int64_t timeoutNs() const;

  uv_loop_t* loop_ = nullptr;
  uv_prepare_t prepare_;
  uv_idle_t idle_;
  LoopGuest* guest_ = nullptr;
  int openHandles_ = 0;
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

}  // namespace reactor
