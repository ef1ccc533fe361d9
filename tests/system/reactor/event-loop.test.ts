/** Node's event loop lives on inside the reactor, whatever the thread sleeps in. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { listen, multiplexers } from "../../../reactor/index.ts";
import { exchange, withServer } from "./clients.ts";
import { runnableNames } from "./kinds.ts";
import { runScript } from "./scripts.ts";

describe.each(runnableNames)("%s", (multiplexer) => {
  const echo = {
    multiplexer,
    socket: { data: (socket, chunk) => void socket.write(chunk) },
  } as const satisfies Parameters<typeof listen>[0];

  test("echoes", async () => {
    await withServer(echo, async (_server, dial) => {
      expect(await exchange(await dial(), "hello")).toBe("hello");
    });
  });

  test("timers, immediates, promises and files go on beside a server", async () => {
    await withServer(echo, async (_server, dial) => {
      const client = await dial();
      await delay(5);
      await nextTurn();
      const text = await readFile(new URL(import.meta.url), "utf8");
      expect(text).toContain("whatever the thread sleeps in");
      expect(await exchange(client, "still here")).toBe("still here");
    });
  });

  test("a timer is due on time although nothing happens on any socket", async () => {
    await withServer(echo, async () => {
      const startedMs = performance.now();
      await delay(30);
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(29);
    });
  });

  test("writes from a timer and from a promise reach the client", async () => {
    const socket = {
      open: (one: { write(text: string): number }) => {
        setTimeout(() => one.write("timer "), 1);
        void readFile(new URL(import.meta.url)).then(() => one.write("file"));
      },
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const client = await dial();
      let text = "";
      client.on("data", (chunk: Buffer) => (text += chunk.toString()));
      await expect.poll(() => text.length).toBe("timer file".length);
      expect([text.includes("timer "), text.includes("file")]).toEqual([true, true]);
    });
  });

  test("a server cannot run on another multiplexer beside this one", async () => {
    const other = multiplexers().find(
      ({ name, obstacle }) => name !== multiplexer && obstacle === null,
    )!.name;
    await withServer(echo, async () => {
      await expect(listen({ multiplexer: other, socket: {} })).rejects.toThrow(
        `This thread's reactor runs on ${multiplexer}, so it cannot run on ${other}, too`,
      );
    });
  });
});

// Each of these is a process of its own, and starting it is most of what it does.
describe.concurrent.each(runnableNames)("in a process of its own, %s", (multiplexer) => {
  test("an idle server sleeps, also beside a reset that nobody reads", async () => {
    const { output, code } = await runScript("idle.ts", [multiplexer]);
    expect({ output, code }).toEqual({ output: "quiet\nquiet beside a reset\n", code: 0 });
  });

  test("serves in a worker thread, answers its messages, and ends with it", async () => {
    const { output, code } = await runScript("in-worker.ts", [multiplexer]);
    expect({ output, code }).toEqual({
      output: "echo from worker\nmessage answered\nworker ended\n",
      code: 0,
    });
  });

  test("worker.terminate() ends a worker that serves", async () => {
    const { output, code } = await runScript("terminated-worker.ts", [multiplexer]);
    expect({ output, code }).toEqual({ output: "terminated\n", code: 0 });
  });

  test("a signal reaches its handler while the server sleeps", async () => {
    const { output, code } = await runScript("signal.ts", [multiplexer]);
    expect({ output, code }).toEqual({ output: "signal\n", code: 0 });
  });

  test("process.exit() in a handler ends the process with its code", async () => {
    const { code } = await runScript("exit-in-handler.ts", [multiplexer]);
    expect(code).toBe(7);
  });

  test("the process ends by itself after the last server was closed", async () => {
    const { output, code } = await runScript("close-and-end.ts", [multiplexer]);
    expect({ output, code }).toEqual({ output: "closed\n", code: 0 });
  });

  test("a handler that throws costs only its own event, and the process is told", async () => {
    const { output, code } = await runScript("throwing-handler.ts", [multiplexer]);
    expect({ lines: output.trimEnd().split("\n").toSorted(), code }).toEqual({
      lines: [
        "19 of 20 echoed",
        "20 of 20 closed",
        "uncaught: bad close",
        "uncaught: bad data",
        "uncaught: bad end",
        "uncaught: bad open",
      ],
      code: 0,
    });
  });
});

test("timers beside an idle server on select are as punctual as without it", async () => {
  const differences: number[] = [];
  // A server that makes timers late does so always, and other work on this machine only now and then.
  while (differences.length < 3 && !differences.some((one) => one < 2)) {
    const { output, code } = await runScript("timer-lateness.ts", ["select"]);
    expect(code, output).toBe(0);
    const { plain, beside } = JSON.parse(output) as { plain: number; beside: number };
    process.stdout.write(
      `lower quartile of the lateness of a 10 ms timer in ms: plain ${plain}, beside select ${beside}\n`,
    );
    differences.push(beside - plain);
  }
  expect(Math.min(...differences)).toBeLessThan(2);
});

test("two servers of one thread share the reactor and outlive each other", async () => {
  const socket = { data: (one: { write(chunk: Buffer): number }, chunk: Buffer) => void one.write(chunk) };
  const first = await listen({ socket });
  await withServer({ socket }, async (_server, dial) => {
    await first.close();
    expect(await exchange(await dial(), "second")).toBe("second");
  });
});

test("counters cannot be read once the server is closed", async () => {
  const server = await listen({ socket: {} });
  await server.close();
  expect(() => server.counters()).toThrow("The reactor is closed");
});

test("sockets that Node opens while the reactor sleeps are watched", async () => {
  const socket = { data: (one: { write(chunk: Buffer): number }, chunk: Buffer) => void one.write(chunk) };
  await withServer({ socket }, async (_server, dial) => {
    const clients = await Promise.all(Array.from({ length: 20 }, dial));
    const echoes = await Promise.all(clients.map((client, index) => exchange(client, `client ${index}`)));
    expect(echoes).toEqual(clients.map((_, index) => `client ${index}`));
    for (const client of clients) client.end();
    await Promise.all(clients.map((client) => once(client.resume(), "end")));
  });
});
