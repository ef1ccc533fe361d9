/** Outgoing connections on every multiplexer: how they are made, how they fail, and that they are like accepted ones. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket as NodeSocket } from "node:net";
import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import {
  connect,
  listen,
  type ReactorError,
  type Socket,
  type SocketHandlers,
} from "../../../reactor/index.ts";
import { withServer } from "./clients.ts";
import { withFullBacklog } from "./full-backlog.ts";
import { runnableKinds } from "./kinds.ts";
import { runScript } from "./scripts.ts";

const CROWD = 1000;
const LARGE_BYTES = 8 * 1024 * 1024;

/** Handlers that gather what a socket hears; `over` resolves when the connection has ended. */
function listener(): {
  heard: () => string;
  over: Promise<ReactorError | null>;
  handlers: Required<Pick<SocketHandlers, "data" | "close">>;
} {
  const chunks: Buffer[] = [];
  let end: (error: ReactorError | null) => void;
  const over = new Promise<ReactorError | null>((resolve) => (end = resolve));
  return {
    heard: () => Buffer.concat(chunks).toString(),
    over,
    handlers: {
      data: (_socket, chunk) => void chunks.push(Buffer.from(chunk)),
      close: (_socket, error) => end(error),
    },
  };
}

/** A server on Node's own sockets that lives as long as the test. */
async function withNodeServer(
  serve: (socket: NodeSocket) => void,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<NodeSocket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** A port of this machine at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

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

  test("a port where nobody listens refuses with ECONNREFUSED, and no handler is called", async () => {
    const port = await freePort();
    const told: string[] = [];
    const socket = { open: () => void told.push("open"), close: () => void told.push("close") };
    await expect(connect({ port, multiplexer, socket })).rejects.toMatchObject({
      name: "ReactorError",
      call: "connect",
      code: "ECONNREFUSED",
      message: `The reactor could not connect to 127.0.0.1:${port} (connect: ECONNREFUSED, connection refused); nothing listens there: start the server, or check the port.`,
    });
    expect(told).toEqual([]);
  });

  test("attempts that nobody answers end with ETIMEDOUT in the order of their limits", async () => {
    await withFullBacklog(async (port) => {
      const order: number[] = [];
      const attempts = [300, 50, 150].map(async (connectTimeoutMs) => {
        const startedMs = performance.now();
        await expect(connect({ port, multiplexer, connectTimeoutMs, socket: {} })).rejects.toMatchObject({
          code: "ETIMEDOUT",
          message: expect.stringContaining("raise connectTimeoutMs") as string,
        });
        expect(performance.now() - startedMs).toBeGreaterThanOrEqual(connectTimeoutMs);
        order.push(connectTimeoutMs);
      });
      await Promise.all(attempts);
      expect(order).toEqual([50, 150, 300]);
    });
  });

  test("an aborted attempt rejects with the reason, and no handler is called", async () => {
    await withFullBacklog(async (port) => {
      const told: string[] = [];
      const socket = { open: () => void told.push("open"), close: () => void told.push("close") };
      const controller = new AbortController();
      const attempt = connect({ port, multiplexer, socket, signal: controller.signal });
      setImmediate(() => controller.abort(new Error("changed my mind")));
      await expect(attempt).rejects.toThrow("changed my mind");
      expect(told).toEqual([]);
    });
  });

  test("abort in the turn in which the connection opens leaves no connection behind", async () => {
    const told: string[] = [];
    let accepted: Socket | undefined;
    const server = {
      multiplexer,
      socket: {
        // Runs in the very batch that opens the other side, or just before it.
        open: (socket: Socket) => {
          accepted = socket;
          controller.abort();
        },
        close: () => void told.push("server closed"),
      },
    };
    const controller = new AbortController();
    await withServer(server, async ({ port }) => {
      const socket = { open: () => void told.push("open") };
      const attempt = connect({ port, multiplexer, socket, signal: controller.signal });
      await Promise.allSettled([attempt]);
      await expect.poll(() => accepted).toBeDefined();
      if (!told.includes("open")) await expect.poll(() => told).toEqual(["server closed"]);
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

  test("a peer that resets at once is met as ECONNRESET, whether before or after the opening", async () => {
    await withNodeServer(
      (peer) => peer.resetAndDestroy(),
      async (port) => {
        const { over, handlers } = listener();
        const end = connect({ port, multiplexer, socket: handlers }).then(
          () => over,
          (error: ReactorError) => error,
        );
        expect((await end)?.code).toBe("ECONNRESET");
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

  test("an idle connection is closed with ETIMEDOUT", async () => {
    await withServer(echoing, async ({ port }) => {
      const { over, handlers } = listener();
      await connect({ port, multiplexer, idleTimeoutMs: 50, socket: handlers });
      expect((await over)?.code).toBe("ETIMEDOUT");
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

  test("without descriptors it rejects with EMFILE, and works when there are some again", async () => {
    const { output, code } = await runScript("connect-without-descriptors.ts", [multiplexer], 64);
    expect({ output, code }).toEqual({ output: "EMFILE raise the limit\nconnected\n", code: 0 });
  });
});

test("select says that a descriptor beyond FD_SETSIZE is too much, and what to do", async () => {
  const { output, code } = await runScript("connect-beyond-fd-setsize.ts", []);
  expect(output).toMatch(
    /^The reactor could not connect to 127\.0\.0\.1:\d+: select cannot watch descriptor \d+, because an fd_set ends at FD_SETSIZE \(1024\)\. Use select-unbounded, poll or epoll/,
  );
  expect(code).toBe(0);
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

test("an aborted signal keeps it from beginning", async () => {
  const signal = AbortSignal.abort(new Error("never"));
  await expect(connect({ port: 1, socket: {}, signal })).rejects.toThrow("never");
});

test.each([
  [{ port: 0 }, "The option port must be a whole number from 1 to 65535, but it is 0."],
  [{ multiplexer: "kqueue" }, 'There is no multiplexer "kqueue"; choose one of select'],
  [{ host: "" }, 'The option host must be an address or a name, but it is "".'],
  [{ host: "no such name" }, 'The host "no such name" could not be resolved'],
  [{ connectTimeoutMs: 0.5 }, "The option connectTimeoutMs must be a whole number from 0 to"],
  [{ idleTimeoutMs: -1 }, "The option idleTimeoutMs must be a whole number from 0 to"],
  [{ localAddress: "home" }, 'The option localAddress must be an IPv4 or IPv6 address, but it is "home".'],
  [{ localAddress: "::1" }, "must be of the same IP version as the host (127.0.0.1)"],
  [{ localAddress: "192.0.2.1" }, "(bind: EADDRNOTAVAIL, address not available); give a localAddress"],
  // The broadcast address of the loopback network has no route for TCP.
  [{ host: "127.255.255.255" }, "(connect: ENETUNREACH, network is unreachable); this machine has no route"],
])("refuses %j with a sentence", async (options, sentence) => {
  await expect(connect({ port: 9, socket: {}, ...options })).rejects.toThrow(sentence);
  await expect(connect({ port: 9, socket: {}, ...options })).rejects.toMatchObject({ name: "ReactorError" });
});
