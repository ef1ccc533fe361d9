{
  "target_defaults": {
    "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra"],
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-O3"]
  },
  "targets": [
    {
      "target_name": "readymark",
      "sources": [
        "native/addon.cc",
        "native/blocking/addon.cc",
        "native/blocking/blocking_echo.cc",
        "native/blocking/connection_threads.cc",
        "native/loadgen/addon.cc",
        "native/loadgen/churn.cc",
        "native/loadgen/closed.cc",
        "native/loadgen/cpu_clocks.cc",
        "native/loadgen/engine.cc",
        "native/loadgen/histogram.cc",
        "native/loadgen/http_head.cc",
        "native/loadgen/open.cc",
        "native/loadgen/pattern.cc",
        "native/loadgen/socket.cc",
        "native/loadgen/steady.cc",
        "native/loadgen/tally.cc",
        "native/loadgen/wire.cc",
        "native/loadgen/wire_http.cc",
        "native/loadgen/wire_tcp.cc",
        "native/loadgen/wire_ws.cc",
        "native/loadgen/worker.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions"],
      "cflags_cc": ["-fexceptions", "-fvisibility=hidden"]
    },
    {
      "target_name": "supervise",
      "type": "executable",
      "sources": ["native/supervise/supervise.cc"]
    }
  ]
}
