/** Outgoing connections on every multiplexer: how they are made, and that they are like accepted ones. */
import type { Socket as NodeSocket } from "node:net";
import { describe, expect, test } from "vitest";
import { connect, listen, type Socket, type SocketHandlers } from "../../../reactor/index.ts";
import { listener, withNodeServer, withServer } from "./clients.ts";
import { runnableKinds } from "./kinds.ts";
import { runScript } from "./scripts.ts";

const CROWD = 1000;
const LARGE_BYTES = 8 * 1024 * 1024;

describe.each(runnableKinds)("$name", ({ name: multiplexer, limit }) => {
  const echoing = {
    multiplexer,
    socket: { data: (socket: Socket, chunk: Buffer) => void socket.write(chunk) },
  };

  test("echoes through a server and a client of one thread", async () => {
    await withServer(echoing, async ({ port }) => {
      const { heard, over, handlers } = listener();
      const socket = await connect({ port, multiplexer, socket: handlers });
      socket.write("hello");
      await expect.poll(heard).toBe("hello");
      socket.close();
      expect(await over).toBeNull();
    });
  });

  test("talks to node:net, and both sides can end first and still listen", async () => {
    const serve = (peer: NodeSocket): void => {
      peer.end("you may talk");
      let text = "";
      peer.on("data", (chunk) => (text += chunk.toString())).on("end", () => told.push(text));
    };
    const told: string[] = [];
    await withNodeServer(serve, async (port) => {
      const { heard, over, handlers } = listener();
      const ended = new Promise<Socket>((resolve) => {
        void connect({ port, multiplexer, socket: { ...handlers, end: resolve } });
      });
      const socket = await ended;
      expect(heard()).toBe("you may talk");
      socket.write("after your end");
      socket.end();
      expect(await over).toBeNull();
      await expect.poll(() => told).toEqual(["after your end"]);
    });
  });

  test("after its own FIN the client still reads", async () => {
    const serve = (peer: NodeSocket): void => void peer.resume().on("end", () => peer.end("the answer"));
    await withNodeServer(serve, async (port) => {
      const { heard, over, handlers } = listener();
      const socket = await connect({ port, multiplexer, socket: handlers });
      socket.end();
      expect(await over).toBeNull();
      expect(heard()).toBe("the answer");
    });
  });

  test.each(["close", "terminate"] as const)("%s() in the open handler ends it at once", async (ending) => {
    const server = listener();
    await withServer({ multiplexer, socket: server.handlers }, async ({ port }) => {
      const client = listener();
      const socket = { ...client.handlers, open: (one: Socket) => one[ending]() };
      const result = await connect({ port, multiplexer, socket });
      expect(result.write("too late")).toBe(0);
      expect(await client.over).toBeNull();
      expect((await server.over)?.code ?? "orderly").toBe(ending === "close" ? "orderly" : "ECONNRESET");
    });
  });

  test("a peer that closes at once is met as an orderly end", async () => {
    await withNodeServer(
      (peer) => peer.end("bye"),
      async (port) => {
        const { heard, over, handlers } = listener();
        await connect({ port, multiplexer, socket: handlers });
        expect(await over).toBeNull();
        expect(heard()).toBe("bye");
      },
    );
  });

  test("a slow reader gets every byte, and its writer is told when to go on", async () => {
    const payload = Buffer.alloc(LARGE_BYTES, "0123456789abcdef");
    await withNodeServer(
      (peer) => setImmediate(() => peer.pipe(peer)),
      async (port) => {
        let [sent, received, drains] = [0, 0, 0];
        const sendFrom = (socket: Socket): void => {
          while (sent < payload.length) {
            const taken = socket.write(payload.subarray(sent, sent + 300_000));
            if (taken === 0) return;
            sent += taken;
          }
          socket.end();
        };
        let isSame = true;
        const over = new Promise((close) => {
          const socket = {
            open: sendFrom,
            drain: (one: Socket) => {
              drains += 1;
              sendFrom(one);
            },
            data: (_one: Socket, chunk: Buffer) => {
              isSame &&= chunk.equals(payload.subarray(received, received + chunk.length));
              received += chunk.length;
            },
            close,
          };
          void connect({ port, multiplexer, socket });
        });
        await over;
        expect({ received, isSame }).toEqual({ received: LARGE_BYTES, isSame: true });
        expect(drains).toBeGreaterThan(0);
      },
    );
  });

  test(`makes ${CROWD} connections at once, as far as the multiplexer goes`, async () => {
    // Both ends of each connection are in this process.
    const crowd = limit === 0 ? CROWD : Math.min(CROWD, Math.floor(limit / 8));
    await withServer(echoing, async ({ port }) => {
      const heard: string[] = [];
      const sockets = await Promise.all(
        Array.from({ length: crowd }, (_, index) =>
          connect({
            port,
            multiplexer,
            socket: {
              data: (_socket, chunk) => void (heard[index] = (heard[index] ?? "") + chunk.toString()),
            },
          }),
        ),
      );
      for (const [index, socket] of sockets.entries()) socket.write(`${index};`);
      await expect.poll(() => heard, { timeout: 10_000 }).toEqual(sockets.map((_, index) => `${index};`));
      for (const socket of sockets) socket.terminate();
    });
  });

  test("connects from within a handler, as a proxy does", async () => {
    await withServer(echoing, async (upstream) => {
      const proxy: SocketHandlers<Promise<Socket>> = {
        open: (one) => {
          one.data = connect({
            port: upstream.port,
            multiplexer,
            socket: { data: (_back, chunk) => void one.write(chunk), close: () => one.close() },
          });
        },
        data: (one, chunk) => {
          const copy = Buffer.from(chunk);
          void one.data.then((back) => back.write(copy));
        },
        end: (one) => void one.data.then((back) => back.end()),
      };
      await withServer({ multiplexer, socket: proxy }, async ({ port }) => {
        const { heard, over, handlers } = listener();
        const socket = await connect({ port, multiplexer, socket: handlers });
        socket.write("through the proxy");
        await expect.poll(heard).toBe("through the proxy");
        socket.end();
        expect(await over).toBeNull();
      });
    });
  });
});

// Each of these is a process of its own, and starting it is most of what it does.
describe.concurrent.each(runnableKinds)("in a process of its own, $name", ({ name: multiplexer }) => {
  test.each(["main", "worker"])(
    "in a %s thread, nothing is left to do after the last connection",
    async (thread) => {
      const { output, code } = await runScript("connect-and-end.ts", [multiplexer, thread]);
      expect({ output, code }).toEqual({ output: "refused ECONNREFUSED\nheard hello\nended\n", code: 0 });
    },
  );
});

test("the peer sees the local address that was asked for", async () => {
  const seen: (string | undefined)[] = [];
  await withServer(
    { host: "127.0.0.1", socket: { open: (one) => void seen.push(one.remoteAddress) } },
    async ({ port }) => {
      const socket = await connect({ port, localAddress: "127.0.0.5", socket: {} });
      await expect.poll(() => seen).toEqual(["127.0.0.5"]);
      socket.terminate();
    },
  );
});

test("a socket that connected knows its addresses", async () => {
  await withServer({ socket: {} }, async ({ port }) => {
    const socket = await connect({ port, socket: {} });
    expect([socket.remoteAddress, socket.remotePort]).toEqual(["127.0.0.1", port]);
    expect(socket.localPort).toBeGreaterThan(0);
    socket.terminate();
  });
});

test("it connects over IPv6", async () => {
  const server = await listen({ host: "::1", socket: { open: (one) => void one.write("six") } });
  try {
    const { heard, handlers } = listener();
    const socket = await connect({
      host: "::1",
      localAddress: "::1",
      port: server.port,
      socket: handlers,
    });
    await expect.poll(heard).toBe("six");
    socket.terminate();
  } finally {
    await server.terminate();
  }
});
