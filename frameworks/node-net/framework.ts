/** Node's own TCP server with this project's codecs on top: the baseline that every other transport is compared with. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Framework, ListenOptions, RunningServer, Variant } from "../../harness/contract.ts";
import { echoOn } from "./echo-on.ts";

const variant: Variant = {
  name: "default",
  description: "One thread, one net.Socket stream per connection, libuv underneath.",
  protocols: ["tcp", "http", "ws", "discard"],
  tier: "quick",
  shardable: canSharePort(),
  // libuv sleeps in epoll, and since 1.46 it changes what is in the set through an io_uring.
  backEnd: { waitsIn: ["epoll_pwait", "epoll_wait"], besides: ["io_uring_enter"] },
  waitsInLibuv: true,
  availability: async () => ({ available: true, version: `Node.js ${process.version}` }),
};

const framework: Framework = {
  name: "node-net",
  description: "net.createServer with small codecs of this project for HTTP and WebSocket.",
  variants: () => [variant],
  listen,
};
export default framework;

async function listen(options: ListenOptions): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    echoOn(socket, options.protocol);
  });
  server.listen({ host: options.host, port: options.port, reusePort: options.reusePort });
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(
      `node-net could not listen on ${options.host}:${options.port} (${String(error)}); ` +
        "choose another port, or stop what holds it.",
      { cause: error },
    );
  }
  return {
    port: (server.address() as AddressInfo).port,
    connectionsPerShard: async () => [accepted],
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Node.js sets SO_REUSEPORT since 22.12, and only where the kernel then spreads connections. */
function canSharePort(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return process.platform === "linux" && (major > 22 || (major === 22 && minor >= 12));
}
