/** Outgoing connections that cannot be made, are given up, or end by themselves, on every multiplexer. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import { connect, type ReactorError, type Socket } from "../../../reactor/index.ts";
import { listener, withNodeServer, withServer } from "./clients.ts";
import { withFullBacklog } from "./full-backlog.ts";
import { runnableKinds } from "./kinds.ts";
import { runScript } from "./scripts.ts";

/** Where no other test listens, which might be given the port meanwhile. */
const CLOSED_HOST = "127.77.0.2";

/** A port of that host at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, CLOSED_HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe.each(runnableKinds)("$name", ({ name: multiplexer }) => {
  test("a port where nobody listens refuses with ECONNREFUSED, and no handler is called", async () => {
    const port = await closedPort();
    const told: string[] = [];
    const socket = { open: () => void told.push("open"), close: () => void told.push("close") };
    await expect(connect({ host: CLOSED_HOST, port, multiplexer, socket })).rejects.toMatchObject({
      name: "ReactorError",
      call: "connect",
      code: "ECONNREFUSED",
      message: `The reactor could not connect to ${CLOSED_HOST}:${port} (connect: ECONNREFUSED, connection refused); nothing listens there: start the server, or check the port.`,
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

  test("an idle connection is closed with ETIMEDOUT", async () => {
    await withServer({ multiplexer, socket: {} }, async ({ port }) => {
      const { over, handlers } = listener();
      await connect({ port, multiplexer, idleTimeoutMs: 50, socket: handlers });
      expect((await over)?.code).toBe("ETIMEDOUT");
    });
  });
});

// Each of these is a process of its own, and starting it is most of what it does.
describe.concurrent.each(runnableKinds)("in a process of its own, $name", ({ name: multiplexer }) => {
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
