/** A server in several worker threads. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { connect, listen, listenSharded } from "../../../reactor/index.ts";
import { connected, exchange } from "./clients.ts";
import { runnableNames } from "./kinds.ts";
import { runScript } from "./scripts.ts";

const ECHO = new URL("./programs/echo-handlers.ts", import.meta.url);
const CLIENTS = 64;
/** More than all buffers on the way take. */
const LARGE_BYTES = 32 * 1024 * 1024;

describe.each(runnableNames)("%s", (multiplexer) => {
  test("connections reach every shard on one port that the kernel chose, and their counts add up", async () => {
    const server = await listenSharded({ shards: 2, multiplexer, module: ECHO });
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connected(server.port)));
    try {
      const echoes = await Promise.all(clients.map((client, index) => exchange(client, `client ${index}`)));
      expect(echoes).toEqual(clients.map((_, index) => `client ${index}`));
      const accepts = (await server.counters()).map((shard) => shard.accepts);
      expect(accepts).toHaveLength(2);
      expect(accepts[0]! + accepts[1]!).toBe(CLIENTS);
      // By fair chance one shard gets nothing once in 2^63 runs.
      expect(Math.min(...accepts)).toBeGreaterThan(0);
    } finally {
      for (const client of clients) client.destroy();
      await server.terminate();
    }
  });

  test("least-connections keeps the shards even while connections come and go", async () => {
    const options = { shards: 3, multiplexer, module: ECHO, balance: "least-connections" as const };
    const server = await listenSharded(options);
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connected(server.port)));
    const spread = async (): Promise<{ total: number; difference: number }> => {
      const open = await server.connections();
      return {
        total: open.reduce((sum, count) => sum + count, 0),
        difference: Math.max(...open) - Math.min(...open),
      };
    };
    try {
      await Promise.all(clients.map((client, index) => exchange(client, `client ${index}`)));
      expect(await spread()).toEqual({ total: CLIENTS, difference: 1 });
      // Two shards lose all they have, as they came in turn.
      const kept = clients.filter((_, index) => index % 3 === 0);
      for (const client of clients) if (!kept.includes(client)) client.destroy();
      await expect.poll(async () => (await spread()).total).toBe(kept.length);
      expect((await spread()).difference).toBe(kept.length);
      const more = await Promise.all(Array.from({ length: 2 * kept.length }, () => connected(server.port)));
      clients.push(...more);
      await Promise.all(more.map((client) => exchange(client, "more")));
      expect(await spread()).toEqual({ total: 3 * kept.length, difference: 0 });
    } finally {
      for (const client of clients) client.destroy();
      await server.terminate();
    }
  });
});

// Each of these is a process of its own, and starting it is most of what it does.
describe.concurrent.each(runnableNames)("in a process of its own, %s", (multiplexer) => {
  test("close() ends the threads, and then the process ends by itself", async () => {
    const { output, code } = await runScript("sharded-and-end.ts", [multiplexer]);
    expect({ output, code }).toEqual({ output: "heard hello\nno thread left behind\nended\n", code: 0 });
  });
});

test("terminate() hurries a close() that waits for a client", async () => {
  const server = await listenSharded({ shards: 2, module: ECHO });
  const client = await connected(server.port);
  try {
    // The client does not read its echoes, so that an orderly end cannot come.
    await new Promise((resolve) => client.write(Buffer.alloc(LARGE_BYTES), resolve));
    const closed = server.close();
    await server.terminate();
    await closed;
  } finally {
    client.destroy();
    await server.terminate();
  }
});

test("a shard that cannot start rejects with its reason, and the shards before it are gone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shards-"));
  try {
    // Where no other test listens, which might be given the port meanwhile.
    const host = "127.77.0.3";
    const taken = await listen({ host, socket: {}, reusePort: true });
    await taken.terminate();
    const { port } = taken;
    const module = new URL("./programs/third-shard-fails.ts", import.meta.url);
    module.searchParams.set("count", join(folder, "count"));
    await expect(listenSharded({ shards: 3, host, port, module })).rejects.toMatchObject({
      name: "ReactorError",
      message: "Shard 3 of 3 did not start: the third one is unwilling",
    });
    // Nobody listens any more where two shards had listened.
    await expect(connect({ host, port, socket: {} })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a shard whose handler throws is told to the process, and the others can be closed", async () => {
  const { output, code } = await runScript("throwing-shard.ts", []);
  expect({ output, code }).toEqual({
    output: "uncaught: A shard of 2 ended by itself with exit code 1: Error: bad byte.\nclosed\n",
    code: 0,
  });
});

test("a port that is taken is a ReactorError with the call and the code", async () => {
  const server = await listen({ socket: {} });
  try {
    await expect(listenSharded({ shards: 2, port: server.port, module: ECHO })).rejects.toMatchObject({
      name: "ReactorError",
      call: "bind",
      code: "EADDRINUSE",
      message: expect.stringContaining(
        "Shard 1 of 2 did not start: The reactor could not listen on",
      ) as string,
    });
  } finally {
    await server.terminate();
  }
});

test.each([
  [{ shards: 0 }, "The option shards must be a whole number from 1 to 1024, but it is 0."],
  [{ module: "./echo.ts" as unknown as URL }, "The option module must be a URL, for example new URL("],
  [
    { module: new URL("./programs/no-handlers.ts", import.meta.url) },
    "no-handlers.ts has no handlers; make them its default export.",
  ],
  [{ multiplexer: "kqueue" }, 'There is no multiplexer "kqueue"'],
])("refuses %j with a sentence", async (options, sentence) => {
  await expect(listenSharded({ shards: 1, module: ECHO, ...options })).rejects.toThrow(sentence);
});
