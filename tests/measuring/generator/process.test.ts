/** The generator as a process of its own, the way the controller uses it. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { openCounters, type LiveCounters } from "../../../harness/children/generator/live-counters.ts";
import type { LoadJob } from "../../../harness/children/generator/job.ts";
import type { FromGenerator } from "../../../harness/children/generator/generator-messages.ts";
import type { LoadResult } from "../../../harness/results/run.ts";
import { expectClean, jobFor } from "../../fixtures/jobs.ts";
import { tcpEchoServer } from "./servers.ts";

const ENTRY = fileURLToPath(
  new URL("../../../harness/children/generator/generator-process.ts", import.meta.url),
);

async function withGenerator(use: (child: ChildProcess, port: number) => Promise<void>): Promise<void> {
  const server = await tcpEchoServer();
  const child = fork(ENTRY, { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  try {
    await use(child, server.port);
  } finally {
    child.kill("SIGKILL");
    await server.close();
  }
}

async function nextMessage<Kind extends FromGenerator["kind"]>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<FromGenerator, { kind: Kind }>> {
  const [message] = (await once(child, "message")) as [FromGenerator];
  if (message.kind !== kind) throw new Error(`Expected ${kind}, but got ${JSON.stringify(message)}.`);
  return message as Extract<FromGenerator, { kind: Kind }>;
}

async function start(child: ChildProcess, job: LoadJob): Promise<() => LiveCounters> {
  child.send({ kind: "run", job });
  return openCounters((await nextMessage(child, "counters")).path);
}

async function reach(read: () => LiveCounters, reached: (counters: LiveCounters) => boolean): Promise<void> {
  while (!reached(read())) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("a run announces its counters and then its result", async () => {
  await withGenerator(async (child, port) => {
    const read = await start(child, jobFor(port));
    const { result } = await nextMessage(child, "result");
    expectClean(result);
    expect(read()).toMatchObject({
      phase: "done",
      ok: result.accounting.ok,
      errors: 0,
      operations: result.operations,
      bytes: result.accounting.ok * 64,
    });
  });
});

test("one process runs several loads, and counts each from zero", async () => {
  await withGenerator(async (child, port) => {
    const results: LoadResult[] = [];
    for (let round = 0; round < 2; round++) {
      const read = await start(child, jobFor(port));
      results.push((await nextMessage(child, "result")).result);
      expect(read().ok).toBe(results[round]?.accounting.ok);
    }
    results.forEach(expectClean);
  });
});

test("an open loop sends what fell due in its window also when it wakes after the end of it", async () => {
  await withGenerator(async (child, port) => {
    const ratePerSecond = 200;
    const read = await start(
      child,
      jobFor(port, { loop: "open", arrivals: "constant", ratePerSecond, durationSeconds: 2 }),
    );
    await reach(
      read,
      ({ phase, operations }) => phase === "done" || (phase === "measuring" && operations > 20),
    );
    child.kill("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 2300));
    child.kill("SIGCONT");
    const { result } = await nextMessage(child, "result");
    expectClean(result);
    expect(result.scheduled).toBe(400);
    expect(result.latency?.count).toBe(400);
  });
});

test("the counters grow while the load runs", async () => {
  await withGenerator(async (child, port) => {
    const read = await start(child, jobFor(port, { durationSeconds: 600 }));
    await reach(read, ({ phase, operations }) => phase === "measuring" && operations > 100);
    expect(read().connected).toBe(4);
  });
});

test("the counters outlive a generator that is killed", async () => {
  await withGenerator(async (child, port) => {
    const read = await start(child, jobFor(port, { durationSeconds: 600 }));
    await reach(read, ({ ok }) => ok > 100);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(read().ok).toBeGreaterThan(100);
  });
});

test("the generator dies with its controller, in the middle of a run", async () => {
  await withGenerator(async (child, port) => {
    const read = await start(child, jobFor(port, { durationSeconds: 600 }));
    await reach(read, ({ ok }) => ok > 100);
    child.disconnect();
    const [, signal] = await once(child, "exit");
    expect(signal).toBe("SIGKILL");
  });
});

test("a job that cannot run is answered with the reason", async () => {
  await withGenerator(async (child, port) => {
    child.send({ kind: "run", job: jobFor(port, { payloadBytes: 0 }) });
    await nextMessage(child, "counters");
    expect((await nextMessage(child, "error")).message).toMatch(/payloadBytes is 0/);
  });
});

test("counters of a process that is gone are refused in words", () => {
  expect(() => openCounters("/proc/2147483647/fd/3")).toThrow(
    /Opening the counters at \/proc\/2147483647\/fd\/3 failed: ENOENT/,
  );
});
