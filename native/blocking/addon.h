// What the blocking echo server adds to the exports of the addon.
#pragma once

#include <napi.h>

namespace blocking {

void addExports(Napi::Env env, Napi::Object exports);

}  // namespace blocking
