// Small pieces of the native code, one at a time, for `npm run micro`.
#pragma once

#include <napi.h>

namespace micro {

/// Adds `micro` to the exports; native/index.ts holds its type.
void addExports(Napi::Env env, Napi::Object exports);

}  // namespace micro
