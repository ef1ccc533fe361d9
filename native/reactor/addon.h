// What the reactor adds to the exports of the addon.
#pragma once

#include <napi.h>

namespace reactor {

void addExports(Napi::Env env, Napi::Object exports);

}  // namespace reactor
