// The entry of readymark's native addon. Each part of native/ adds one object of its own to the exports.
#include <napi.h>

#include "blocking/addon.h"
#include "loadgen/addon.h"

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  blocking::addExports(env, exports);
  loadgen::addExports(env, exports);
  return exports;
}

NODE_API_MODULE(readymark, initialize)
