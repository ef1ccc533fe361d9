// What the bindings of the reactor and of the echo server share: options in, counters and errors out.
#pragma once

#include <napi.h>

#include <exception>

#include "../driver/driver.h"

namespace reactor {

/// The multiplexer that `info[index]` names. Throws a JavaScript error that lists those there are.
const driver::Kind& kindOf(const Napi::Value& name);
driver::ListenOptions listenOptionsOf(const Napi::Value& value);
driver::ConnectOptions connectOptionsOf(const Napi::Value& value);
driver::DatagramOptions datagramOptionsOf(const Napi::Value& value);
Napi::Object datagramCountsObject(Napi::Env env, const driver::DatagramCounts& counts);
Napi::Object countersObject(Napi::Env env, const driver::Counters& own, const multiplexer::Counters& waiting,
                            uint64_t timeInWaitNs, uint64_t crossings);

/// What the kernel knows of a TCP connection; null when the socket is of another kind.
Napi::Value tcpInfoOf(Napi::Env env, int fd);

/// A failure as a JavaScript error, with `call` and `errno` when a system call failed.
Napi::Error errorOf(Napi::Env env, const std::exception_ptr& failure);
/// In a catch block: throws the failure on as a JavaScript error.
[[noreturn]] void rethrowTo(Napi::Env env);

}  // namespace reactor
