/** However a run is stopped, what was measured is on disk, nothing is left running, and it can go on. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { processTree } from "../../../harness/machine/proc.ts";
import type { Run } from "../../../harness/results/run.ts";
import { readRun } from "../../../harness/results/store.ts";
import { readymark, startReadymark, withFolder } from "./command-line.ts";

const SETTINGS = [
  ...["--frameworks", "node-net", "--protocols", "tcp", "--scenarios", "echo", "--generations", "3"],
  ...["--warmup", "50ms", "--warmup-limit", "100ms", "--duration", "200ms", "--seed", "7", "--trace", "none"],
];

function samplesOnDisk(folder: string): number {
  const [id] = readdirSync(folder);
  const path = join(folder, id ?? "", "run.json");
  if (id === undefined || !existsSync(path)) return 0;
  return (JSON.parse(readFileSync(path, "utf8")) as Run).cells.reduce(
    (sum, cell) => sum + cell.samples.length,
    0,
  );
}

/** Starts a run and stops it by `signal` once one sample is on disk; returns how it ended and what had been running. */
async function interrupted(folder: string, signal: NodeJS.Signals) {
  const { child, outcome } = startReadymark(["bench", "--out", folder, ...SETTINGS]);
  while (samplesOnDisk(folder) < 1 && child.exitCode === null) await delay(20);
  const tree = processTree(child.pid as number);
  // The controller alone has no children between two generations; a signal in the middle of one is the case of interest.
  while (processTree(child.pid as number).length < 4 && child.exitCode === null) await delay(1);
  tree.push(...processTree(child.pid as number));
  child.kill(signal);
  return { outcome: await outcome, tree: [...new Set(tree)] };
}

async function expectGone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await delay(5);
  expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
}

test("kill -9 leaves no process, and --resume measures what is missing and nothing twice", async () => {
  await withFolder(async (folder) => {
    const { outcome, tree } = await interrupted(folder, "SIGKILL");
    expect(outcome.signal).toBe("SIGKILL");
    await expectGone(tree);
    const [id = ""] = readdirSync(folder);
    const before = readRun(join(folder, id));
    expect(before.finishedAt).toBeNull();

    const resumed = await readymark("bench", "--resume", id, "--out", folder);
    expect(resumed.stderr).not.toContain("readymark: There");
    const after = readRun(join(folder, id));
    for (const cell of after.cells) {
      expect(cell.samples.map(({ generation }) => generation)).toEqual([0, 1, 2]);
      const kept = before.cells.find((one) => one.id === cell.id)?.samples ?? [];
      expect(cell.samples.slice(0, kept.length)).toEqual(kept);
    }
    expect(readdirSync(join(folder, id)).toSorted()).toEqual([
      "report.html",
      "report.md",
      "run.json",
      "summary.csv",
    ]);
  });
});

test.each([
  { signal: "SIGINT", code: 130 },
  { signal: "SIGTERM", code: 143 },
] as const)("$signal saves, ends every process and says how to go on", async ({ signal, code }) => {
  await withFolder(async (folder) => {
    const { outcome, tree } = await interrupted(folder, signal);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain("--resume");
    await expectGone(tree);
    const [, said] = /(\d+) samples are on disk/.exec(outcome.stderr) ?? [];
    expect(samplesOnDisk(folder)).toBeGreaterThanOrEqual(1);
    expect(samplesOnDisk(folder)).toBe(Number(said));
  });
});

test("a second run on the machine is refused while one measures", async () => {
  await withFolder(async (folder) => {
    // So many generations that the first is not over before the second has asked.
    const { child, outcome } = startReadymark([
      "bench",
      "--out",
      folder,
      ...SETTINGS,
      "--generations",
      "100",
    ]);
    while (samplesOnDisk(folder) < 1 && child.exitCode === null) await delay(20);
    const second = await readymark("bench", "--out", folder, ...SETTINGS);
    child.kill("SIGTERM");
    await outcome;
    expect(second.stderr).toContain(
      `Another readymark run is measuring on this machine (process ${child.pid}`,
    );
    expect(second.code).toBe(4);
  });
});
