/** The ends of servers: orderly, at once, by accident, and before they began. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { connect, listen, type ReactorError, type Socket } from "../../../reactor/index.ts";
import { connected, read } from "./clients.ts";
import { runnableKinds, runnableNames } from "./kinds.ts";
import { runScript } from "./scripts.ts";

const UNSENT_BYTES = 1024 * 1024;

describe.each(runnableNames)("%s", (multiplexer) => {
  test("close() delivers what is unsent although input is unread, and then resolves", async () => {
    let reached: (socket: Socket) => void;
    const full = new Promise<Socket>((resolve) => (reached = resolve));
    const socket = {
      // Two rounds of what may be unsent: more than the kernel takes for a client that does not read.
      data: (one: Socket) => {
        one.pause();
        one.write(Buffer.alloc(UNSENT_BYTES, "a"));
        setImmediate(() => {
          one.write(Buffer.alloc(UNSENT_BYTES, "b"));
          reached(one);
        });
      },
    };
    const server = await listen({ multiplexer, socket });
    const client = await connected(server.port);
    try {
      client.write("go");
      const peer = await full;
      client.write(Buffer.alloc(100_000));
      const expected = peer.unsentBytes;
      expect(expected).toBeGreaterThan(0);
      const closed = server.close();
      let total = 0;
      let isBroken = false;
      client.once("error", () => (isBroken = true));
      client.on("data", (chunk: Buffer) => (total += chunk.length));
      await once(client, "end");
      client.end();
      await closed;
      expect({ isBroken, isWhole: total > UNSENT_BYTES }).toEqual({ isBroken: false, isWhole: true });
    } finally {
      client.destroy();
      await server.terminate();
    }
  });

  test("terminate() drops connections at once, also while close() waits for them", async () => {
    const ends: (ReactorError | null)[] = [];
    let greeted: () => void;
    const greeting = new Promise<void>((resolve) => (greeted = resolve));
    const socket = {
      open: (one: Socket) => {
        one.write(Buffer.alloc(UNSENT_BYTES));
        setImmediate(() => {
          one.write(Buffer.alloc(UNSENT_BYTES));
          greeted();
        });
      },
      close: (_one: Socket, error: ReactorError | null) => void ends.push(error),
    };
    const server = await listen({ multiplexer, socket });
    // It never reads, so that an orderly end cannot come.
    const client = await connected(server.port);
    try {
      await greeting;
      const closed = server.close();
      await server.terminate();
      await closed;
      expect(ends).toEqual([null]);
    } finally {
      client.destroy();
    }
  });

  test("a connection whose server is closed earlier in the same batch is closed, and harms nobody", async () => {
    const told: string[] = [];
    const second = await listen({ multiplexer, socket: { open: () => void told.push("second") } });
    let ended: Promise<void> | undefined;
    const first = await listen({
      multiplexer,
      socket: {
        open: () => {
          told.push("first");
          ended = second.close();
        },
        data: (one, chunk) => void one.write(chunk),
      },
    });
    const clients = [];
    try {
      clients.push(...(await Promise.all([connected(first.port), connected(second.port)])));
      const [one, other] = clients as [(typeof clients)[0], (typeof clients)[0]];
      const over = once(other.resume(), "close");
      other.write("anybody there?");
      one.write("still here");
      expect((await read(one, 10)).toString()).toBe("still here");
      other.end();
      await over;
      await ended;
    } finally {
      for (const client of clients) client.destroy();
      await Promise.all([first.terminate(), second.terminate()]);
    }
  });
});

test.concurrent.each(runnableNames)(
  "on %s a refused listener of a new reactor leaves nothing behind",
  async (multiplexer) => {
    const { output, code } = await runScript("refused-listener.ts", [multiplexer]);
    expect({ output, code }).toEqual({ output: "EADDRINUSE\nno descriptor left behind\nended\n", code: 0 });
  },
);

// Nothing outside of a process can break its poll, whose set lies in its own memory.
const breakable = runnableKinds.filter(({ name }) => name !== "poll").map(({ name }) => name);

test.concurrent.each(breakable)(
  "when %s fails, every connection and the process are told, and the thread can listen again",
  async (multiplexer) => {
    const { output, code } = await runScript("failing-multiplexer.ts", [multiplexer]);
    expect({ output, code }).toEqual({
      output: "told: EBADF EBADF\nuncaught: EBADF\nclosed\nlistens again\n",
      code: 0,
    });
  },
);

test("a reactor that cannot start says so as a ReactorError", async () => {
  const { output, code } = await runScript("no-descriptor-for-a-reactor.ts", [], 64);
  expect({ output, code }).toEqual({
    output: "ReactorError epoll_create1 EMFILE\nconnected\n",
    code: 0,
  });
});

test("once its last connection is over, a thread can take another multiplexer in the same turn", async () => {
  const server = createServer((peer) => peer.on("error", () => undefined).resume()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const visit = (multiplexer: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const socket = { open: (one: Socket) => one.terminate(), close: () => resolve() };
        connect({ port, multiplexer, socket }).catch(reject);
      });
    for (const multiplexer of runnableNames) await visit(multiplexer);
  } finally {
    server.close();
  }
});

test("connect and listen of one thread share its multiplexer", async () => {
  const server = await listen({ multiplexer: "epoll", socket: {} });
  try {
    await expect(connect({ port: server.port, multiplexer: "poll", socket: {} })).rejects.toThrow(
      "This thread's reactor runs on epoll, so it cannot run on poll, too",
    );
  } finally {
    await server.terminate();
  }
});
