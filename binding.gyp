{
  "target_defaults": {
    "cflags_cc": [
      "-std=c++20",
      "-O2",
      "-Wall",
      "-Wextra"
    ],
    "cflags_cc!": [
      "-std=gnu++17",
      "-std=gnu++20",
      "-O3"
    ]
  },
  "targets": [
    {
      "target_name": "core",
      "type": "static_library",
      "sources": [
        "native/driver/address.cc",
        "native/driver/admission.cc",
        "native/driver/closing.cc",
        "native/driver/connect.cc",
        "native/driver/datagram_turns.cc",
        "native/driver/datagrams.cc",
        "native/driver/driver_base.cc",
        "native/driver/listener.cc",
        "native/driver/table.cc",
        "native/driver/readiness/accept.cc",
        "native/driver/readiness/connect.cc",
        "native/driver/readiness/readiness.cc",
        "native/driver/readiness/transfer.cc",
        "native/driver/uring/accept.cc",
        "native/driver/uring/connect.cc",
        "native/driver/uring/datagrams.cc",
        "native/driver/uring/probe.cc",
        "native/driver/uring/receive_buffers.cc",
        "native/driver/uring/transfer.cc",
        "native/driver/uring/uring.cc",
        "native/multiplexer/epoll.cc",
        "native/multiplexer/poll.cc",
        "native/multiplexer/select.cc",
        "native/multiplexer/table.cc",
        "native/multiplexer/uring_obstacle.cc",
        "native/multiplexer/uring_poll.cc",
        "native/multiplexer/uring_ring.cc"
      ],
      "cflags!": [
        "-fno-exceptions"
      ],
      "cflags_cc!": [
        "-fno-exceptions"
      ],
      "cflags_cc": [
        "-fexceptions",
        "-fvisibility=hidden"
      ]
    },
    {
      "target_name": "readymark",
      "dependencies": ["core"],
      "sources": [
        "native/addon.cc",
        "native/blocking/addon.cc",
        "native/blocking/blocking_echo.cc",
        "native/blocking/connection_threads.cc",
        "native/loadgen/addon.cc",
        "native/loadgen/churn.cc",
        "native/loadgen/closed.cc",
        "native/loadgen/cpu_clocks.cc",
        "native/loadgen/datagrams.cc",
        "native/loadgen/engine.cc",
        "native/loadgen/histogram.cc",
        "native/loadgen/http_head.cc",
        "native/loadgen/open.cc",
        "native/loadgen/pattern.cc",
        "native/loadgen/socket.cc",
        "native/loadgen/steady.cc",
        "native/loadgen/tally.cc",
        "native/loadgen/wire.cc",
        "native/loadgen/wire_discard.cc",
        "native/loadgen/wire_http.cc",
        "native/loadgen/wire_tcp.cc",
        "native/loadgen/wire_ws.cc",
        "native/loadgen/worker.cc",
        "native/micro/addon.cc",
        "native/reactor/addon.cc",
        "native/reactor/bindings.cc",
        "native/reactor/crossing.cc",
        "native/reactor/echo.cc",
        "native/reactor/loop_host.cc",
        "native/reactor/reactor.cc"
      ],
      "include_dirs": [
        "<!(node -p \"require('node-addon-api').include_dir\")"
      ],
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_CPP_EXCEPTIONS"
      ],
      "cflags!": [
        "-fno-exceptions"
      ],
      "cflags_cc!": [
        "-fno-exceptions"
      ],
      "cflags_cc": [
        "-fexceptions",
        "-fvisibility=hidden"
      ]
    },
    {
      "target_name": "slow",
      "type": "loadable_module",
      "sources": [
        "native/slow/slow.cc"
      ]
    },
    {
      "target_name": "supervise",
      "type": "executable",
      "sources": [
        "native/supervise/supervise.cc"
      ]
    },
    {
      "target_name": "connection",
      "type": "executable",
      "sources": [
        "native/connection/failures.cc",
        "native/connection/life.cc",
        "native/connection/main.cc",
        "native/connection/udp.cc"
      ],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions"],
      "cflags_cc": ["-fexceptions"]
    },
    {
      "target_name": "floor",
      "type": "executable",
      "sources": [
        "native/floor/floor.cc"
      ],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions"],
      "cflags_cc": ["-fexceptions"]
    },
    {
      "target_name": "nullserver",
      "type": "executable",
      "sources": [
        "native/driver/address.cc",
        "native/driver/listener.cc",
        "native/nullserver/codec.cc",
        "native/nullserver/codec_http.cc",
        "native/nullserver/codec_ws.cc",
        "native/nullserver/delays.cc",
        "native/nullserver/main.cc",
        "native/nullserver/reference.cc",
        "native/nullserver/request_head.cc",
        "native/nullserver/server.cc"
      ],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions"],
      "cflags_cc": ["-fexceptions"]
    },
    {
      "target_name": "multiplexer_test",
      "type": "executable",
      "dependencies": ["core"],
      "sources": [
        "native/multiplexer/test/entries.cc",
        "native/multiplexer/test/environment_cases.cc",
        "native/multiplexer/test/fixtures.cc",
        "native/multiplexer/test/many_cases.cc",
        "native/multiplexer/test/membership_cases.cc",
        "native/multiplexer/test/readiness_cases.cc",
        "native/multiplexer/test/waiting_cases.cc",
        "native/test/main.cc"
      ],
      "cflags!": [
        "-fno-exceptions"
      ],
      "cflags_cc!": [
        "-fno-exceptions"
      ],
      "cflags_cc": [
        "-fexceptions"
      ]
    },
    {
      "target_name": "driver_test",
      "type": "executable",
      "dependencies": ["core"],
      "sources": [
        "native/driver/test/accepting_cases.cc",
        "native/driver/test/closing_cases.cc",
        "native/driver/test/entries.cc",
        "native/driver/test/handing_cases.cc",
        "native/driver/test/reading_cases.cc",
        "native/driver/test/scene.cc",
        "native/driver/test/sending_cases.cc",
        "native/multiplexer/test/fixtures.cc",
        "native/test/main.cc"
      ],
      "cflags!": [
        "-fno-exceptions"
      ],
      "cflags_cc!": [
        "-fno-exceptions"
      ],
      "cflags_cc": [
        "-fexceptions"
      ]
    }
  ]
}
