/** `npm run micro`, whose result is a run like any other. */
import { expect, test } from "vitest";
import { compareRuns } from "../../../harness/reports/run-comparison.ts";
import { readRun } from "../../../harness/results/store.ts";
import type { Run, Sample } from "../../../harness/results/run.ts";
import { readymark, withFolder } from "../commands/command-line.ts";

async function micro(out: string, ...words: string[]): Promise<Run> {
  const { code, stderr } = await readymark("micro", "--out", out, "--time", "50ms", ...words);
  expect(stderr).toContain("readymark: wrote");
  expect(code).toBe(0);
  const [, path = ""] = /wrote (\S+run\.json)/.exec(stderr) ?? [];
  return readRun(path);
}

/** Of four generations around what was measured. */
const SPREAD = [0.97, 1.02, 0.99, 1.02];

function slowed(sample: Sample, factor: number): Sample {
  return {
    ...sample,
    serverCpuNsPerOp: sample.serverCpuNsPerOp === null ? null : sample.serverCpuNsPerOp * factor,
  };
}

test("a run of small pieces has a time for each of them", async () => {
  await withFolder(async (folder) => {
    const run = await micro(folder, "--pieces", "codec,slab", "--generations", "2");
    expect(run.cells.map(({ framework, variant }) => `${framework}/${variant}`)).toEqual([
      "codec/tcp",
      "codec/http",
      "codec/ws",
      "slab/view",
    ]);
    for (const { summary } of run.cells) expect(summary?.serverCpuNsPerOp?.value).toBeGreaterThan(0);
  });
});

test("a codec that takes twice as long is seen between two such runs", async () => {
  await withFolder(async (folder) => {
    const before = await micro(folder, "--pieces", "codec,histogram", "--generations", "2");
    // What was measured, with a spread that no neighbour on this machine decides: the runs differ in what is planted alone.
    for (const cell of before.cells) {
      const [measured] = cell.samples as [Sample, ...Sample[]];
      cell.samples = SPREAD.map((factor, generation) => slowed({ ...measured, generation }, factor));
    }
    const after = structuredClone(before);
    const http = after.cells.find(({ variant }) => variant === "http");
    if (http !== undefined) http.samples = http.samples.map((sample) => slowed(sample, 2));
    const [workload] = compareRuns(before, after).workloads;
    const verdicts = workload?.cells
      .filter(({ quantity }) => quantity === "server CPU")
      .map(({ server, verdict }) => [server, verdict]);
    expect(verdicts).toContainEqual(["codec/http", "more"]);
    expect(verdicts).toContainEqual(["codec/ws", "tie"]);
  });
});

test("a piece that nobody knows is refused with those that are known", async () => {
  const { code, stderr } = await readymark("micro", "--pieces", "slab,codex");
  expect(stderr).toContain('Did you mean "codec"?');
  expect(code).toBe(2);
});
