/** Node's own `node:http` server and the `ws` package on top of it: what most people run today. */
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Framework, ListenOptions, RunningServer, Variant } from "../../harness/contract.ts";
import { answerRequest } from "./answer-request.ts";
import { acceptWebSockets } from "./accept-websockets.ts";

const { version: wsVersion } = createRequire(import.meta.url)("ws/package.json") as { version: string };

const variant: Variant = {
  name: "default",
  description:
    "One thread, Node's HTTP parser and streams; WebSockets by the ws package without compression.",
  protocols: ["http", "ws"],
  tier: "default",
  shardable: canSharePort(),
  // libuv sleeps in epoll, and since 1.46 it changes what is in the set through an io_uring.
  backEnd: { waitsIn: ["epoll_pwait", "epoll_wait"], besides: ["io_uring_enter"] },
  waitsInLibuv: true,
  availability: async () => ({ available: true, version: `Node.js ${process.version}, ws ${wsVersion}` }),
};

const framework: Framework = {
  name: "node-http",
  description: "node:http and the ws package, as most Node.js services run them.",
  variants: () => [variant],
  listen,
};
export default framework;

async function listen(options: ListenOptions): Promise<RunningServer> {
  // Idle connections stay open for longer than Node's default time limits, and a closed one is not idle.
  const server = createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 }, answerRequest);
  // By default a client's FIN cuts off the answers that are still due to it. The property is older than its types.
  Object.assign(server, { httpAllowHalfOpen: true });
  let accepted = 0;
  server.on("connection", () => (accepted += 1));
  const dropWebSockets = options.protocol === "ws" ? acceptWebSockets(server) : () => undefined;
  server.listen({ host: options.host, port: options.port, reusePort: options.reusePort });
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(
      `node-http could not listen on ${options.host}:${options.port} (${String(error)}); choose another port, or stop what holds it.`,
      { cause: error },
    );
  }
  return {
    port: (server.address() as AddressInfo).port,
    connectionsPerShard: async () => [accepted],
    close: () => close(server, dropWebSockets),
  };
}

async function close(server: Server, dropWebSockets: () => void): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  dropWebSockets();
  await closed;
}

/** Node.js sets SO_REUSEPORT since 22.12, and only where the kernel then spreads connections. */
function canSharePort(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return process.platform === "linux" && (major > 22 || (major === 22 && minor >= 12));
}
