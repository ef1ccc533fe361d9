/** A server that misbehaves fails its own cell, with the reason, and nothing else. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Cell, Distribution, LoadResult, Run } from "../../../harness/results/run.ts";
import { onQuietMachine } from "../quiet-machine.ts";
import { benchCommand, serverCommand } from "./command-line.ts";

const FAILED = { status: "failed", summary: null };
const PLAIN = serverCommand("plain-echo.mjs");
const ENDS_AT_ONCE = "echo no such luck >&2; exit 9";
const WRONG = ["flip", "die", "hang", "close", "mute"] as const;

const wrong = (how: (typeof WRONG)[number]): string => serverCommand("wrong-echo.mjs", how);
/** In the order of the run's cells. */
const COMMANDS = [PLAIN, ...WRONG.map(wrong), ENDS_AT_ONCE];

describe("servers that are measured together", () => {
  let run: Run;
  let code: number | null;
  const cellOf = (command: string): Cell =>
    run.cells[COMMANDS.indexOf(command)] ?? expect.fail(`There is no cell of ${command}.`);

  beforeAll(async () => {
    const others = COMMANDS.slice(1).flatMap((command) => ["--command", command]);
    // So many messages at a time that each of these goes wrong in its load, however slow the machine is, and without a
    // tracer, which would cost seconds and show no more of them.
    const measured = await benchCommand(PLAIN, ...others, "--pipeline", "64", "--trace", "none");
    ({ run } = measured);
    code = measured.outcome.code;
  });

  test(
    "a ten-line server that was not written for this project is measured beside those that go wrong",
    onQuietMachine(async () => {
      expect(cellOf(PLAIN).samples[0]).toMatchObject({
        status: expect.not.stringMatching("failed"),
        serverCpuNsPerOp: expect.any(Number),
      });
    }),
  );

  test("the run says by its exit code that not all went well", () => {
    expect(code).toBe(1);
  });

  test("one flipped bit in 10,000 messages is caught", () => {
    expect(cellOf(wrong("flip"))).toMatchObject({
      ...FAILED,
      reason: expect.stringContaining("corrupt"),
    });
  });

  test("a server that dies is failed with its exit code and its last stderr lines", () => {
    expect(cellOf(wrong("die"))).toMatchObject({
      ...FAILED,
      reason: expect.stringContaining("exited with code 3"),
      serverStderr: ["fatal: out of luck"],
    });
  });

  test("a server that hangs is failed by the timeout", () => {
    expect(cellOf(wrong("hang"))).toMatchObject({ ...FAILED, reason: expect.stringContaining("timedOut") });
  });

  test("a server that closes early is failed", () => {
    expect(cellOf(wrong("close"))).toMatchObject({
      ...FAILED,
      reason: expect.stringMatching(/closedEarly|reset/),
    });
  });

  test("a server that never answers fails conformance and is never timed", () => {
    expect(cellOf(wrong("mute"))).toMatchObject({
      ...FAILED,
      samples: [],
      reason: expect.stringContaining("does not echo correctly"),
    });
  });

  test("a command that ends at once is failed with what it said", () => {
    expect(cellOf(ENDS_AT_ONCE)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("exited with code 9"),
      serverStderr: ["no such luck"],
    });
  });

  test("a bench that was asked not to trace says so", () => {
    expect(cellOf(PLAIN)).toMatchObject({
      trace: null,
      traceReason: expect.stringContaining("--trace none"),
    });
  });
});

test(
  "a server that answers 5 ms late shows at least 5 ms, and no more than fits into the slices",
  onQuietMachine(async () => {
    const { run } = await benchCommand(
      serverCommand("wrong-echo.mjs", "late"),
      ...["--connections", "4", "--trace", "none"],
    );
    const sample = run.cells[0]?.samples[0];
    const load = sample?.load as LoadResult;
    const latency = load.latency as Distribution;
    expect(latency.latencyNs.p50).toBeGreaterThanOrEqual(5e6 * 0.98);
    // The answers of a connection are waited for one after another, and the first of each slice was asked for before it.
    const longestNs = load.windowSeconds * 1e9 + (sample?.cycles.length ?? 0) * latency.latencyNs.max;
    expect((latency.meanNs * load.operations) / 4).toBeLessThanOrEqual(longestNs * 1.01);
  }),
);
