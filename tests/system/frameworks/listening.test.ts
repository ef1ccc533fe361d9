/** What every framework promises about listening and closing, on every variant that runs here. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { listenOptions, runnable } from "./listen-options.ts";

/** Every variant shards by the same code, so one of each kind of transport is enough. */
const SHARDED = ["node-net", "uwebsockets", "reactor-epoll"];

// Servers in threads of their own take long to start and share nothing; those of one thread may share a reactor.
describe.concurrent.each(
  runnable.filter(({ framework, variant }) => framework.wrapsPeers && SHARDED.includes(variant)),
)("$framework.name/$variant", describeListening);
// A server of datagrams has no connections that these could be about.
describe.each(runnable.filter(({ framework, protocol }) => !framework.wrapsPeers && protocol !== "udp"))(
  "$framework.name/$variant",
  describeListening,
);

function describeListening({ framework, variant, protocol, shardable }: (typeof runnable)[number]): void {
  test("rejects with a sentence when the port is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    try {
      await expect(framework.listen(listenOptions({ variant, protocol, port }))).rejects.toThrow(
        new RegExp(`could not listen on 127\\.0\\.0\\.1:${port} .*choose another port`, "u"),
      );
    } finally {
      holder.close();
      await once(holder, "close");
    }
  });

  test("listens on the port that it says", async () => {
    const server = await framework.listen(listenOptions({ variant, protocol }));
    try {
      const socket = await connected(server.port);
      socket.destroy();
    } finally {
      await server.close();
    }
  });

  test("drops open connections when it closes", async () => {
    const server = await framework.listen(listenOptions({ variant, protocol }));
    const socket = await connected(server.port).catch(async (error: unknown) => {
      await server.close();
      throw error;
    });
    // Dropped by FIN or by RST: only that it is dropped counts, and `once` would reject on an RST.
    const ended = new Promise((resolve) => socket.resume().once("close", resolve));
    await server.close();
    await ended;
    expect(socket.destroyed).toBe(true);
  });

  test("frees its port when it closes", async () => {
    const server = await framework.listen(listenOptions({ variant, protocol }));
    await server.close();
    const again = await framework.listen(listenOptions({ variant, protocol, port: server.port }));
    await again.close();
    expect(again.port).toBe(server.port);
  });

  test.runIf(shardable)("shares its port when asked", async () => {
    const first = await framework.listen(listenOptions({ variant, protocol, reusePort: true }));
    try {
      const second = await framework.listen(
        listenOptions({ variant, protocol, reusePort: true, port: first.port }),
      );
      await second.close();
      expect(second.port).toBe(first.port);
    } finally {
      await first.close();
    }
  });

  test.runIf(shardable)("counts the connections of a shared port", async () => {
    const server = await framework.listen(listenOptions({ variant, protocol, reusePort: true }));
    try {
      const sockets = await Promise.all(Array.from({ length: 5 }, () => connected(server.port)));
      await expect.poll(() => server.connectionsPerShard?.()).toEqual([5]);
      for (const socket of sockets) socket.destroy();
    } finally {
      await server.close();
    }
  });
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => undefined);
  return socket;
}
