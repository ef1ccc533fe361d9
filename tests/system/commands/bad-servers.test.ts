/** A server that misbehaves fails its own cell, with the reason, and nothing else. */
import { expect, test } from "vitest";
import type { Cell, Distribution, LoadResult } from "../../../harness/results/run.ts";
import { benchCommand, serverCommand } from "./command-line.ts";

/** So many at a time that each of these servers goes wrong in its load, however slow the machine is. */
const MANY_MESSAGES = ["--pipeline", "64"];

async function measured(command: string, ...args: string[]): Promise<{ cell: Cell; code: number | null }> {
  // What these servers do shows without a tracer, which would cost seconds.
  const { run, outcome } = await benchCommand(command, "--trace", "none", ...args);
  expect(run.cells).toHaveLength(1);
  return { cell: run.cells[0] as Cell, code: outcome.code };
}

test("a ten-line server that was not written for this project is measured", async () => {
  const { cell } = await measured(serverCommand("plain-echo.mjs"));
  expect(cell.samples[0]).toMatchObject({
    status: expect.not.stringMatching("failed"),
    serverCpuNsPerOp: expect.any(Number),
  });
});

test("one flipped bit in 10,000 messages is caught", async () => {
  const { cell, code } = await measured(serverCommand("wrong-echo.mjs", "flip"), ...MANY_MESSAGES);
  expect(cell).toMatchObject({ status: "failed", summary: null });
  expect(cell.reason).toContain("corrupt");
  expect(code).toBe(1);
});

test("a server that answers 5 ms late shows at least 5 ms, and no more than fits into the window", async () => {
  const { cell } = await measured(serverCommand("wrong-echo.mjs", "late"), "--connections", "4");
  const load = cell.samples[0]?.load as LoadResult;
  const latency = load.latency as Distribution;
  expect(latency.latencyNs.p50).toBeGreaterThanOrEqual(5e6 * 0.98);
  // However late a busy machine makes them, the answers of a connection were waited for one after another.
  const longestNs = load.windowSeconds * 1e9 + latency.latencyNs.max;
  expect((latency.meanNs * load.operations) / 4).toBeLessThanOrEqual(longestNs * 1.01);
});

test("a server that dies is failed with its exit code and its last stderr lines", async () => {
  const { cell, code } = await measured(serverCommand("wrong-echo.mjs", "die"), ...MANY_MESSAGES);
  expect(cell).toMatchObject({ status: "failed", summary: null, serverStderr: ["fatal: out of luck"] });
  expect(cell.reason).toContain("exited with code 3");
  expect(code).toBe(1);
});

test("a server that hangs is failed by the timeout", async () => {
  const { cell, code } = await measured(serverCommand("wrong-echo.mjs", "hang"), ...MANY_MESSAGES);
  expect(cell).toMatchObject({ status: "failed", summary: null });
  expect(cell.reason).toContain("timedOut");
  expect(code).toBe(1);
});

test("a server that closes early is failed", async () => {
  const { cell } = await measured(serverCommand("wrong-echo.mjs", "close"), ...MANY_MESSAGES);
  expect(cell).toMatchObject({ status: "failed", summary: null });
  expect(cell.reason).toMatch(/closedEarly|reset/);
});

test("a server that never answers fails conformance and is never timed", async () => {
  const { cell } = await measured(serverCommand("wrong-echo.mjs", "mute"));
  expect(cell).toMatchObject({ status: "failed", samples: [], summary: null });
  expect(cell.reason).toContain("does not echo correctly");
});

test("a command that ends at once is failed with what it said", async () => {
  const { cell } = await measured("echo no such luck >&2; exit 9");
  expect(cell).toMatchObject({ status: "failed", serverStderr: ["no such luck"] });
  expect(cell.reason).toContain("exited with code 9");
});
