// What the load generator adds to the exports of the addon.
#pragma once

#include <napi.h>

namespace loadgen {

void addExports(Napi::Env env, Napi::Object exports);

}  // namespace loadgen
