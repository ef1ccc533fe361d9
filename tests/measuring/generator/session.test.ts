/** Connections that stay while slices of load come and go, so that many servers can be loaded in turn. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";

import { startGenerator } from "../../../harness/children/generator/generator.ts";
import type { LoadJob } from "../../../harness/children/generator/job.ts";
import type { NativeSlice } from "../../../harness/children/generator/native-generator.ts";
import { openSession, type LoadSession } from "../../../harness/children/generator/run-load.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { expectAnswered, expectOnly, jobFor } from "../../fixtures/jobs.ts";
import { tcpEchoServer, tcpServer, wsEchoServer, httpEchoServer, type TestServer } from "./servers.ts";

const SLICE: NativeSlice = {
  startNs: 0,
  discardSeconds: 0.01,
  durationSeconds: 0.03,
  seed: 1,
  stallSeconds: 0,
  neighbourPids: [],
};

async function withSession(
  starting: Promise<TestServer>,
  changes: Partial<LoadJob>,
  use: (session: LoadSession) => Promise<void>,
): Promise<void> {
  const server = await starting;
  const session = await openSession(jobFor(server.port, changes));
  try {
    await use(session);
  } finally {
    await session.close();
    await server.close();
  }
}

const LOADS: [string, Promise<TestServer> | (() => Promise<TestServer>), Partial<LoadJob>][] = [
  ["closed loop over tcp", tcpEchoServer, { loop: "closed" }],
  ["closed loop over http", httpEchoServer, { loop: "closed", protocol: "http" }],
  ["closed loop over ws", wsEchoServer, { loop: "closed", protocol: "ws" }],
  ["open loop", tcpEchoServer, { loop: "open" }],
  ["churn", tcpEchoServer, { loop: "churn" }],
];

describe.each(LOADS)("a session of a %s", (_name, start, changes) => {
  test("accounts for each of its slices by itself", async () => {
    const starting = typeof start === "function" ? start() : start;
    await withSession(starting, { ...changes, threads: 2 }, async (session) => {
      const durationSeconds = changes.loop === "churn" ? 0.3 : SLICE.durationSeconds;
      let inWindows = 0;
      for (let seed = 1; seed <= 5; seed++) {
        const result = await session.run({ ...SLICE, durationSeconds, seed });
        inWindows += result.operations;
        expectAnswered(result);
        expect(result.windowSeconds).toBeCloseTo(durationSeconds, 6);
        // The histogram holds what belongs to this slice and to no other. An open loop's requests belong where they fell
        // due, and a generator that was kept from its CPU may never have sent the last of them.
        const { sentInWindow, scheduled, operations, latency } = result;
        const count = latency?.count ?? 0;
        expect(count).toBeGreaterThanOrEqual(sentInWindow ?? operations);
        expect(count).toBeLessThanOrEqual(scheduled ?? operations);
      }
      expect(inWindows).toBeGreaterThan(0);
    });
  });
});

test("a closed loop keeps its connections from slice to slice", async () => {
  let accepted = 0;
  const starting = tcpServer((socket) => {
    accepted += 1;
    socket.pipe(socket);
  });
  await withSession(starting, { connections: 3 }, async (session) => {
    for (let seed = 1; seed <= 3; seed++) expectAnswered(await session.run({ ...SLICE, seed }));
  });
  expect(accepted).toBe(3);
});

test("connections that the server closed between slices are opened again, and are no error", async () => {
  const closed: Promise<unknown>[] = [];
  const sockets = new Set<Socket>();
  const starting = tcpServer((socket) => {
    sockets.add(socket);
    closed.push(once(socket, "close"));
    socket.pipe(socket);
  });
  await withSession(starting, { connections: 3 }, async (session) => {
    expectAnswered(await session.run(SLICE));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    expectAnswered(await session.run(SLICE));
    expect(sockets.size).toBe(6);
  });
});

test("a server that fails in a slice ends the session's load, and says so", async () => {
  const starting = tcpServer((socket) => socket.once("data", () => socket.destroy()));
  await withSession(starting, {}, async (session) => {
    const failed = await session.run(SLICE);
    expect(failed.accounting.firstError).not.toBeNull();
    const after = await session.run(SLICE);
    expect(after.operations).toBe(0);
    expect(after.windowSeconds).toBe(0);
  });
});

test("a server that refuses connections shows in the first slice", async () => {
  const server = await tcpEchoServer();
  await server.close();
  const session = await openSession(jobFor(server.port));
  try {
    expectOnly(await session.run(SLICE), "refused", /refused/);
  } finally {
    await session.close();
  }
});

test("an open loop has other arrivals in each slice, and the same ones for the same seed", async () => {
  await withSession(tcpEchoServer(), { loop: "open", ratePerSecond: 2000 }, async (session) => {
    const scheduled = async (seed: number): Promise<number | null> =>
      (await session.run({ ...SLICE, durationSeconds: 0.05, seed })).scheduled;
    const first = await scheduled(1);
    const others = [await scheduled(2), await scheduled(3), await scheduled(4)];
    expect(others.some((count) => count !== first)).toBe(true);
    expect(await scheduled(1)).toBe(first);
  });
});

describe("a server that stalls once, at the end of an open loop's window", () => {
  const STALL_MS = 300;
  const SENT_BY = 90;
  /** Some requests before its end comes the stall, whatever the machine did to those before. */
  const WINDOW_SECONDS = 0.2;

  /** Echoes, but lets all requests after the first `SENT_BY` wait for once; several of them may come at once. */
  function stallingServer(): Promise<TestServer> {
    let seen = 0;
    return tcpServer((socket) => {
      socket.on("data", (chunk) => {
        const before = seen;
        seen += chunk.length / 64;
        if (before < SENT_BY && seen >= SENT_BY) {
          const until = performance.now() + STALL_MS;
          while (performance.now() < until);
        }
        socket.write(chunk);
      });
    });
  }

  const LOAD = { loop: "open", ratePerSecond: 1000, arrivals: "constant" } as const;

  test("is loaded until it answers again, so that all that fell due meanwhile counts", async () => {
    await withSession(stallingServer(), LOAD, async (session) => {
      const load = await session.run({ ...SLICE, durationSeconds: WINDOW_SECONDS, stallSeconds: 0.005 });
      expectAnswered(load);
      expect(load.windowSeconds).toBeGreaterThan(WINDOW_SECONDS);
      // Each millisecond of the stall had its request, and each of these waited for the rest of the stall.
      expect(load.scheduled).toBeGreaterThan((STALL_MS / 1000) * LOAD.ratePerSecond * 0.8);
      const waited = load.latency.pairs;
      let late = 0;
      for (let i = 0; i + 1 < waited.length; i += 2)
        if ((waited[i] as number) > 20e6) late += waited[i + 1] as number;
      expect(late).toBeGreaterThan((STALL_MS / 1000) * LOAD.ratePerSecond * 0.6);
    });
  });

  test("without that, is loaded no longer than was ordered", async () => {
    await withSession(stallingServer(), LOAD, async (session) => {
      const load = await session.run({ ...SLICE, durationSeconds: WINDOW_SECONDS });
      expectAnswered(load);
      expect(load.windowSeconds).toBeCloseTo(WINDOW_SECONDS, 6);
    });
  });
});

test("the CPU time of neighbours is read apart from that of the server", async () => {
  await withSession(tcpEchoServer(), { serverPids: [process.pid] }, async (session) => {
    const alone = await session.run(SLICE);
    expect(alone.neighboursCpuNs).toBeNull();
    const beside = await session.run({ ...SLICE, neighbourPids: [process.pid] });
    // This process is both here, so both clocks went on by the same.
    expect(beside.neighboursCpuNs).toBeGreaterThan(0);
    expect(beside.serverCpuNs).toBeGreaterThan(0);
  });
});

test("one generator process holds sessions with several servers, loaded in turn", async () => {
  const servers = [await tcpEchoServer(), await tcpEchoServer()];
  const generator = startGenerator(allowedCpus());
  try {
    const sessions = [];
    for (const { port } of servers) sessions.push(await generator.openSession(jobFor(port)));
    for (let cycle = 0; cycle < 3; cycle++)
      for (const session of sessions) expectAnswered(await session.run({ ...SLICE, seed: cycle }));
    await sessions[0]?.close();
    await expect(sessions[0]?.run(SLICE)).rejects.toThrow("has no session 0");
    for (const session of sessions.slice(1)) expectAnswered(await session.run(SLICE));
  } finally {
    await generator.stop();
    await Promise.all(servers.map((server) => server.close()));
  }
});
