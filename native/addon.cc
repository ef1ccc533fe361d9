// The entry of readymark's native addon. Each part of native/ adds one object of its own to the exports.
#include "loadgen/addon.h"

#include <napi.h>

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  loadgen::addExports(env, exports);
  return exports;
}

NODE_API_MODULE(readymark, initialize)
