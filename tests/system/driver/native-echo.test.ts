/** The driver by itself, under its C++ echo: what an echo costs in system calls, and how connections end. */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { multiplexers } from "../../../reactor/index.ts";
import { startNativeEcho, type NativeEchoServer } from "../../../reactor/native-echo.ts";
import { connected, exchange, read } from "../reactor/clients.ts";

const ECHOES = 200;
const WAIT_MS = 50;
const names = multiplexers()
  .filter(({ obstacle }) => obstacle === null)
  .map(({ name }) => name);

/** Runs a test against a server and returns the counters of the stopped server. */
async function serving(
  multiplexer: string,
  use: (port: number) => Promise<void>,
): Promise<ReturnType<NativeEchoServer["close"]>> {
  const server = await startNativeEcho({ multiplexer });
  try {
    await use(server.port);
  } finally {
    server.close();
  }
  return server.close();
}

describe.each(names)("%s", (multiplexer) => {
  test("an echo is one receive and one send", async () => {
    const counters = await serving(multiplexer, async (port) => {
      const client = await connected(port);
      try {
        for (let index = 0; index < ECHOES; index++) await exchange(client, "ping");
      } finally {
        client.destroy();
      }
    });
    expect(counters.writes).toBe(ECHOES);
    // One more receive may have met the end of the connection before the server was stopped.
    expect(counters.reads - ECHOES).toBeLessThanOrEqual(1);
    expect(counters.reads).toBeGreaterThanOrEqual(ECHOES);
    expect({ accepts: counters.accepts, shortWrites: counters.shortWrites }).toEqual({
      accepts: 1,
      shortWrites: 0,
    });
  });

  test("the steady state changes nothing in what is watched", async () => {
    const controlsAfter = async (echoes: number): Promise<number> => {
      const counters = await serving(multiplexer, async (port) => {
        const client = await connected(port);
        try {
          for (let index = 0; index < echoes; index++) await exchange(client, "ping");
          client.end();
          await once(client.resume(), "end");
        } finally {
          client.destroy();
        }
      });
      return counters.controls;
    };
    expect(await controlsAfter(ECHOES)).toBe(await controlsAfter(1));
  });

  test("a client that reads late gets all of its echoes", async () => {
    const payload = Buffer.alloc(8 * 1024 * 1024, "abcdefg");
    const counters = await serving(multiplexer, async (port) => {
      const client = await connected(port);
      try {
        client.end(payload);
        expect((await read(client, payload.length)).equals(payload)).toBe(true);
        await once(client.resume(), "end");
      } finally {
        client.destroy();
      }
    });
    expect(counters.accepts).toBe(1);
  });

  test("what it did is counted while it runs", async () => {
    const server = await startNativeEcho({ multiplexer });
    try {
      const client = await connected(server.port);
      try {
        for (let index = 0; index < ECHOES; index++) await exchange(client, "ping");
        // The last turn is told when it is over, which is after its echo arrived.
        await expect.poll(() => server.counters().reads).toBeGreaterThanOrEqual(ECHOES);
        const { accepts, waits, events, writes, timeInWaitNs } = server.counters();
        expect(accepts).toBe(1);
        for (const counted of [waits, events]) expect(counted).toBeGreaterThanOrEqual(ECHOES);
        // On uring the next turn learns that the last send was taken.
        expect(ECHOES - writes).toBeOneOf(multiplexer === "uring" ? [0, 1] : [0]);
        expect(timeInWaitNs).toBeGreaterThan(0);
      } finally {
        client.destroy();
      }
    } finally {
      server.close();
    }
  });

  test("a wait under way counts for as long as it has lasted", async () => {
    const server = await startNativeEcho({ multiplexer });
    try {
      const inWait = (): number => server.counters().timeInWaitNs;
      await expect.poll(inWait).toBeGreaterThan(0);
      const [startedNs, firstNs] = [process.hrtime.bigint(), inWait()];
      const betweenNs = process.hrtime.bigint();
      await delay(WAIT_MS);
      const [untilNs, lastNs] = [process.hrtime.bigint(), inWait()];
      expect(lastNs - firstNs).toBeGreaterThanOrEqual(Number(untilNs - betweenNs));
      expect(lastNs - firstNs).toBeLessThanOrEqual(Number(process.hrtime.bigint() - startedNs));
    } finally {
      server.close();
    }
  });

  test("a stopped server can be stopped again", async () => {
    const server = await startNativeEcho({ multiplexer });
    const first = server.close();
    expect(server.close()).toEqual(first);
  });
});
