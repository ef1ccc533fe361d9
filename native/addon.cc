// The entry of readymark's native addon. Each part of native/ adds one object of its own to the exports.
#include "blocking/addon.h"

#include <napi.h>

#include "loadgen/addon.h"
#include "micro/addon.h"
#include "reactor/addon.h"

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  blocking::addExports(env, exports);
  loadgen::addExports(env, exports);
  micro::addExports(env, exports);
  reactor::addExports(env, exports);
  return exports;
}

NODE_API_MODULE(readymark, initialize)
