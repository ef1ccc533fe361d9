/** The benchmark as a program calls it, without the command line. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resumeBench, runBench, type BenchRequest } from "../../../harness/index.ts";
import { readRun } from "../../../harness/results/store.ts";

let outFolder: string;

beforeEach(() => {
  outFolder = mkdtempSync(join(tmpdir(), "readymark-program-"));
});

afterEach(() => {
  rmSync(outFolder, { recursive: true, force: true });
});

function request(generations: number): BenchRequest {
  return {
    ...{ frameworks: ["native-echo/epoll"], scenarios: ["echo"], protocols: ["tcp"], effort: "quick" },
    ...{ generations, warmupSeconds: 0.05, warmupLimitSeconds: 0.1, durationSeconds: 0.1, outFolder },
  };
}

test("rejects with the reason of its signal, goes on where it stopped, and resolves with the run that is on disk", async () => {
  const interruption = new AbortController();
  let folder = "";
  const stopped = runBench(request(2), {
    signal: interruption.signal,
    onStart: (_run, where) => (folder = where),
    onProgress: ({ done }) => {
      if (done === 1) interruption.abort(new Error("enough"));
    },
  });
  await expect(stopped).rejects.toThrow("enough");
  expect(readRun(folder).cells[0]?.samples).toHaveLength(1);
  const { run } = await resumeBench(folder);
  expect(run.finishedAt).not.toBeNull();
  expect(readRun(folder)).toEqual(JSON.parse(JSON.stringify(run)));
  expect(run.cells[0]?.samples.map(({ generation }) => generation)).toEqual([0, 1]);
});

test.each([
  { generations: 0 },
  { generations: 1.5 },
  { durationSeconds: 0 },
  { warmupSeconds: Number.NaN },
  { port: -1 },
])("a request with %j is refused by the name of the number", async (wrong) => {
  const [name = ""] = Object.keys(wrong);
  await expect(runBench({ ...request(1), ...wrong })).rejects.toThrow(`${name} must be a`);
});

test("a request that contradicts itself is refused before anything is written", async () => {
  const wrong = { ...request(1), commands: ["true"], address: "127.0.0.1:1" };
  await expect(runBench(wrong)).rejects.toThrow("--command and --address exclude each other");
  expect(existsSync(join(outFolder, "run.json"))).toBe(false);
});

test("servers that are measured alone get one sample in each generation, too", async () => {
  const isolated = { ...request(2), isolated: true, frameworks: ["native-echo/epoll", "native-echo/poll"] };
  const { run } = await runBench(isolated);
  for (const { samples } of run.cells) {
    expect(samples.map(({ generation }) => generation)).toEqual([0, 1]);
    expect(samples[0]?.measuredAlone).toContain("--isolated");
  }
});
