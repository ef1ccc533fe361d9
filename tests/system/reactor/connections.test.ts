/** What happens to connections: late readers, ends of all kinds, crowds and shortages, on every multiplexer. */
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { listen, type ReactorError, type Socket } from "../../../reactor/index.ts";
import { connected, exchange, read, withServer } from "./clients.ts";
import { runnableKinds } from "./kinds.ts";
import { runScript } from "./scripts.ts";

const CROWD = 2000;
const LARGE_BYTES = 8 * 1024 * 1024;

describe.each(runnableKinds)("$name", ({ name: multiplexer, limit }) => {
  const echoing = { data: (socket: Socket, chunk: Buffer) => void socket.write(chunk) };

  test("a slow reader gets every byte, and its writer is told when to go on", async () => {
    const payload = Buffer.alloc(LARGE_BYTES, "0123456789abcdef");
    let drains = 0;
    const sendFrom = (socket: Socket<number>): void => {
      while (socket.data < payload.length) {
        const taken = socket.write(payload.subarray(socket.data, socket.data + 300_000));
        if (taken === 0) return;
        socket.data += taken;
      }
      socket.end();
    };
    const socket = {
      open: (one: Socket<number>) => {
        one.data = 0;
        sendFrom(one);
      },
      drain: (one: Socket<number>) => {
        drains += 1;
        sendFrom(one);
      },
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const received = await read(await dial(), LARGE_BYTES);
      expect(received.equals(payload)).toBe(true);
      expect(drains).toBeGreaterThan(0);
    });
  });

  test("after the peer's FIN the connection can still be written to", async () => {
    const socket = {
      data: (one: Socket<string>, chunk: Buffer) => {
        one.data = (one.data ?? "") + chunk.toString();
      },
      end: (one: Socket<string>) => {
        one.write(`you said ${one.data}`);
        one.end();
      },
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const client = await dial();
      client.end("goodbye");
      expect((await read(client, 16)).toString()).toBe("you said goodbye");
      await once(client.resume(), "end");
    });
  });

  test("after its own FIN the server still reads", async () => {
    let heard = "";
    const socket = {
      open: (one: Socket) => one.end(),
      data: (_one: Socket, chunk: Buffer) => void (heard += chunk.toString()),
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const client = await dial();
      await once(client.resume(), "end");
      client.end("still talking");
      await expect.poll(() => heard).toBe("still talking");
    });
  });

  test("close() delivers what was written although the peer is still sending", async () => {
    const answer = "x".repeat(200_000);
    const socket = {
      data: (one: Socket) => {
        one.write(answer);
        one.close();
      },
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const client = await dial();
      client.write("a");
      client.write(Buffer.alloc(100_000));
      expect((await read(client, answer.length)).length).toBe(answer.length);
      await once(client.resume(), "end");
    });
  });

  test("a reset by the peer closes that connection with ECONNRESET and no other", async () => {
    const errors: (ReactorError | null)[] = [];
    const socket = {
      ...echoing,
      close: (_one: Socket, error: ReactorError | null) => void errors.push(error),
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const [client, other] = [await dial(), await dial()];
      await exchange(client, "a");
      client.resetAndDestroy();
      await expect.poll(() => errors.map((error) => error?.code)).toEqual(["ECONNRESET"]);
      expect(await exchange(other, "b")).toBe("b");
    });
  });

  test("a reset of a paused connection is met when it reads on, after the unread bytes", async () => {
    const heard: string[] = [];
    let paused: Socket | undefined;
    const socket = {
      data: (one: Socket, chunk: Buffer) => {
        heard.push(chunk.toString());
        if (chunk.toString() !== "pause") return;
        one.pause();
        paused = one;
      },
      close: () => void heard.push("closed"),
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const [client, other] = [await dial(), await dial()];
      client.write("pause");
      await expect.poll(() => paused).toBeDefined();
      client.resetAndDestroy();
      other.write("other");
      await expect.poll(() => heard).toContain("other");
      expect(heard).not.toContain("closed");
      paused!.resume();
      await expect.poll(() => heard).toEqual(["pause", "other", "closed"]);
    });
  });

  test("terminate() resets the peer", async () => {
    const socket = { data: (one: Socket) => one.terminate() };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const client = await dial();
      const failed = new Promise<NodeJS.ErrnoException>((resolve) => client.once("error", resolve));
      client.write("a");
      expect((await failed).code).toBe("ECONNRESET");
    });
  });

  test("nothing is told about a connection after it was terminated in the same batch", async () => {
    const told: string[] = [];
    const all: Socket[] = [];
    const socket = {
      open: (one: Socket) => void all.push(one),
      data: (one: Socket) => {
        told.push("data");
        for (const other of all) if (other !== one) other.terminate();
      },
      close: () => void told.push("close"),
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const [first, second] = [await dial(), await dial()];
      await expect.poll(() => all.length).toBe(2);
      // Both bytes are there before the reactor looks, so both are in one batch.
      first.write("a");
      second.write("b");
      await expect.poll(() => told).toContain("close");
      expect(told).toEqual(["data", "close"]);
    });
  });

  test("commands for a connection that is gone never reach the next one in its slot", async () => {
    const sockets: Socket[] = [];
    const socket = { ...echoing, open: (one: Socket) => void sockets.push(one) };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const first = await dial();
      await exchange(first, "a");
      first.resetAndDestroy();
      await expect.poll(() => sockets[0]!.write("")).toBe(0);
      const second = await dial();
      expect(await exchange(second, "b")).toBe("b");
      sockets[0]!.write("for the first");
      sockets[0]!.terminate();
      expect(await exchange(second, "c")).toBe("c");
    });
  });

  test("a paused connection is not read until it is resumed", async () => {
    const heard: string[] = [];
    let first: Socket | undefined;
    const socket = {
      open: (one: Socket) => {
        first ??= one;
        if (one === first) one.pause();
      },
      data: (_one: Socket, chunk: Buffer) => void heard.push(chunk.toString()),
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const client = await dial();
      await expect.poll(() => first).toBeDefined();
      client.write("late");
      const other = await dial();
      other.write("early");
      await expect.poll(() => heard).toEqual(["early"]);
      first!.resume();
      await expect.poll(() => heard).toEqual(["early", "late"]);
    });
  });

  test("an idle connection is closed with ETIMEDOUT, a busy one is not", async () => {
    const idleTimeoutMs = 200;
    type Codes = (string | null | undefined)[];
    // Of each round its own: the busy connection of a round that counts for nothing is idle in the next.
    let codes: Codes = [];
    const socket = {
      ...echoing,
      open: (one: Socket<Codes>) => void (one.data = codes),
      close: (one: Socket<Codes>, error: ReactorError | null) => void one.data.push(error?.code),
    };
    await withServer<Codes>({ multiplexer, idleTimeoutMs, socket }, async (_server, dial) => {
      // A machine that stops this process for so long makes both idle; then nothing was tested.
      for (let longestPauseMs = Infinity; longestPauseMs >= idleTimeoutMs / 2;) {
        codes = [];
        longestPauseMs = 0;
        const [idle, busy] = [await dial(), await dial()];
        const ended = new Promise((resolve) => idle.resume().once("end", resolve));
        let spokeMs = performance.now();
        const talking = setInterval(() => {
          longestPauseMs = Math.max(longestPauseMs, performance.now() - spokeMs);
          spokeMs = performance.now();
          busy.write("x");
        }, 10);
        try {
          await ended;
        } finally {
          clearInterval(talking);
        }
        longestPauseMs = Math.max(longestPauseMs, performance.now() - spokeMs);
      }
      expect(codes).toEqual(["ETIMEDOUT"]);
    });
  });

  test(`serves ${CROWD} connections, as far as the multiplexer goes`, async () => {
    // Below its limit a multiplexer serves all; this process itself needs descriptors, the clients' among them.
    const crowd = limit === 0 ? CROWD : Math.min(CROWD, Math.floor(limit / 4));
    await withServer({ multiplexer, socket: echoing }, async (server, dial) => {
      const clients = await Promise.all(Array.from({ length: crowd }, dial));
      const echoes = await Promise.all(clients.map((client, index) => exchange(client, `${index};`)));
      expect(echoes).toEqual(clients.map((_, index) => `${index};`));
      expect(server.counters().accepts).toBe(crowd);
    });
  });
});

// Each of these is a process of its own, and mostly waits.
describe.concurrent.each(runnableKinds)("in a process of its own, $name", ({ name: multiplexer }) => {
  test("out of descriptors, it turns connections away without spinning, and recovers", async () => {
    const { output, code } = await runScript("out-of-descriptors.ts", [multiplexer], 64);
    expect(output).toMatch(/Connections are rejected: accept: .* no descriptor left/);
    // Node.js puts its warnings in brackets.
    const own = output.split("\n").filter((line) => !line.startsWith("("));
    expect({ own, code }).toEqual({ own: ["turned away", "did not spin", "recovered", ""], code: 0 });
  });
});

test("a socket knows its addresses", async () => {
  const socket = {
    data: (one: Socket) => void one.write(`${one.remoteAddress}:${one.remotePort} ${one.localPort}`),
  };
  await withServer({ socket }, async (server, dial) => {
    const client = await dial();
    const expected = `127.0.0.1:${client.localPort} ${server.port}`;
    client.write("?");
    expect((await read(client, expected.length)).toString()).toBe(expected);
  });
});

test("it listens on IPv6", async () => {
  const server = await listen({ host: "::1", socket: { data: (one, chunk) => void one.write(chunk) } });
  const client = connect(server.port, "::1");
  try {
    await once(client, "connect");
    expect(await exchange(client, "six")).toBe("six");
  } finally {
    client.destroy();
    await server.close();
  }
});

test.each([
  [{ multiplexer: "kqueue" }, 'There is no multiplexer "kqueue"; choose one of select'],
  [{ port: 70_000 }, "The option port must be a whole number from 0 to 65535, but it is 70000."],
  [{ idleTimeoutMs: -1 }, "The option idleTimeoutMs must be a whole number"],
  [{ host: "192.0.2.1" }, "listen on an address of this machine"],
])("refuses %j with a sentence", async (options, sentence) => {
  await expect(listen({ ...options, socket: {} })).rejects.toThrow(sentence);
});

test("a port that is taken is a ReactorError with the call and the code", async () => {
  await withServer({ socket: {} }, async ({ port }) => {
    await expect(listen({ port, socket: {} })).rejects.toMatchObject({ call: "bind", code: "EADDRINUSE" });
  });
});

test("a full multiplexer turns connections away, counts each, and says once which limit it met", async () => {
  const { output, code } = await runScript("accept-beyond-fd-setsize.ts", []);
  expect(output).toMatch(
    /READYMARK_REJECTED.*rejected: select cannot watch descriptor \d+.*FD_SETSIZE \(1024\)/,
  );
  expect(output.split("READYMARK_REJECTED")).toHaveLength(2);
  expect(output).toContain("rejected 2\n");
  expect(code).toBe(0);
});

test("many writes to one connection in a batch are one send", async () => {
  const socket = {
    data: (one: Socket) => {
      for (let index = 0; index < 100; index++) one.write(`${index % 10}`);
    },
  };
  await withServer({ socket }, async (server, dial) => {
    const client = await dial();
    client.write("go");
    await read(client, 100);
    expect(server.counters().writes).toBe(1);
  });
});

test("an echo is one receive, one send and no change of what is watched", async () => {
  const socket = { data: (one: Socket, chunk: Buffer) => void one.write(chunk) };
  await withServer({ multiplexer: "epoll", socket }, async (server) => {
    const client = await connected(server.port);
    try {
      await exchange(client, "warm");
      const before = server.counters();
      for (let index = 0; index < 50; index++) await exchange(client, "ping");
      const after = server.counters();
      const spent = (name: "reads" | "writes" | "controls" | "eagains"): number => after[name] - before[name];
      expect([spent("reads"), spent("writes"), spent("controls"), spent("eagains")]).toEqual([50, 50, 0, 0]);
    } finally {
      client.destroy();
    }
  });
});
