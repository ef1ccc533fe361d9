/** What only the completion driver can get wrong: its counters, its requests and its refusal. */
import { describe, expect, test } from "vitest";
import { listen, multiplexers, type Socket } from "../../../reactor/index.ts";
import { startNativeEcho } from "../../../reactor/native-echo.ts";
import { connected, exchange, withServer } from "../reactor/clients.ts";

const uring = multiplexers().find(({ name }) => name === "uring")!;

test("uring is in the table, and says in a sentence why it cannot run, where it cannot", () => {
  if (uring.obstacle === null) expect(uring.limit).toBe(0);
  else expect(uring.obstacle).toMatch(/io_uring.*\.$/s);
});

describe.skipIf(uring.obstacle !== null)("uring", () => {
  const multiplexer = "uring";

  test("a receive is asked for once, however often it completes", async () => {
    const socket = { data: (one: Socket, chunk: Buffer) => void one.write(chunk) };
    await withServer({ multiplexer, socket }, async (server, dial) => {
      const client = await dial();
      for (let index = 0; index < 100; index++) await exchange(client, "ping");
      expect(server.counters()).toMatchObject({ reads: 100, writes: 100, rearms: 0, eagains: 0 });
    });
  });

  test("one system call submits and waits, so an echo needs no other", async () => {
    const server = await startNativeEcho({ multiplexer });
    try {
      const client = await connected(server.port);
      try {
        for (let index = 0; index < 100; index++) await exchange(client, "ping");
      } finally {
        client.destroy();
      }
    } finally {
      server.close();
    }
    const { controls, waits, shortWrites, cqOverflows } = server.close();
    expect({ controls, shortWrites, cqOverflows }).toEqual({ controls: 0, shortWrites: 0, cqOverflows: 0 });
    // Each echo sleeps once; a send must not end the sleep that follows it.
    expect(waits).toBeLessThan(120);
  });

  test("a port is free again as soon as its server was closed", async () => {
    const first = await listen({ multiplexer, socket: {} });
    await first.close();
    const second = await listen({ multiplexer, port: first.port, socket: {} });
    expect(second.port).toBe(first.port);
    await second.close();
  });

  test("a server that is terminated lets go of its connections at once", async () => {
    const server = await listen({ multiplexer, socket: {} });
    const client = await connected(server.port);
    try {
      // A reset is an error first.
      const over = new Promise((resolve) => client.resume().once("close", resolve));
      await server.terminate();
      await over;
    } finally {
      client.destroy();
    }
  });
});
