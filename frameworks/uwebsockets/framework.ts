/** uWebSockets.js: an HTTP and WebSocket server in C++ on its own event loop code, driven by Node's loop. */
import type {
  Availability,
  Framework,
  ListenOptions,
  RunningServer,
  Variant,
} from "../../harness/contract.ts";
import { echoHttp } from "./echo-http.ts";
import { echoWebSocket } from "./echo-websocket.ts";
import { DEVIATIONS } from "./deviations.ts";
import { reserveSharedPort } from "./reserve-port.ts";
import { addonVersion, loadAddon, type ListenSocket } from "./load-addon.ts";

const LISTEN_DEFAULT = 0;

const variant: Variant = {
  name: "default",
  description:
    "One thread, C++ parsing and sending; no raw TCP, and an HTTP connection that is idle for about ten seconds is closed.",
  protocols: ["http", "ws"],
  tier: "quick",
  shardable: canReservePort(),
  deviations: DEVIATIONS,
  // In Node.js its sockets are polled by libuv, which changes what is in its epoll set through an io_uring.
  backEnd: { waitsIn: ["epoll_pwait", "epoll_wait"], besides: ["io_uring_enter"] },
  availability,
};

const framework: Framework = {
  name: "uwebsockets",
  description: "uWebSockets.js, a C++ HTTP and WebSocket server with handlers in JavaScript.",
  variants: () => [variant],
  listen,
};
export default framework;

async function availability(): Promise<Availability> {
  try {
    await loadAddon();
    return { available: true, version: addonVersion() };
  } catch (error) {
    const [firstLine] = String(error instanceof Error ? error.message : error).split("\n");
    return {
      available: false,
      reason: `uWebSockets.js does not load in Node.js ${process.version}: ${firstLine}`,
    };
  }
}

async function listen(options: ListenOptions): Promise<RunningServer> {
  const addon = await loadAddon();
  const app = addon.App();
  if (options.protocol === "ws") echoWebSocket(app, addon);
  else echoHttp(app);
  let accepted = 0;
  // Counting is a call into JavaScript for every connection, so only a shard, whose share is needed, counts.
  if (options.reusePort) {
    app.filter((_response, change) => {
      if (change > 0) accepted += 1;
    });
  }
  // The addon shares every port by default, and would not notice that another server uses it.
  const portSharing = options.reusePort ? LISTEN_DEFAULT : addon.LIBUS_LISTEN_EXCLUSIVE_PORT;
  const reservation = options.reusePort && options.port === 0 ? await reserveSharedPort(options.host) : null;
  const socket = await new Promise<ListenSocket | false>((resolve) => {
    app.listen(options.host, reservation?.port ?? options.port, portSharing, resolve);
  });
  await reservation?.release();
  if (socket === false) {
    throw new Error(
      `uwebsockets could not listen on ${options.host}:${options.port} (the addon does not say why); ` +
        "choose another port, or stop what holds it.",
    );
  }
  const server: RunningServer = {
    port: addon.us_socket_local_port(socket),
    close: async () => {
      app.close();
    },
  };
  return options.reusePort ? { ...server, connectionsPerShard: async () => [accepted] } : server;
}

/** A shared port is reserved by Node.js, which can since 22.12 and only where the kernel then spreads connections. */
function canReservePort(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return process.platform === "linux" && (major > 22 || (major === 22 && minor >= 12));
}
