/** `readymark compare` as a user calls it, on runs that are on disk. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Run } from "../../../harness/results/run.ts";
import compare from "../../../scripts/commands/compare.ts";
import { fixtureRun } from "../../fixtures/run.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-compare-"));
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The path of the made-up run after this change. */
function runOnDisk(id: string, change: (run: Run) => void = () => undefined): string {
  const run = { ...fixtureRun(), id };
  change(run);
  const path = join(folder, id);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "run.json"), JSON.stringify(run));
  return path;
}

async function output(...args: string[]): Promise<string> {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  expect(await compare.run(args)).toBe(0);
  return written.mock.calls.map(([text]) => String(text)).join("");
}

test("a run compared with itself has ties only", async () => {
  const text = await output(runOnDisk("one"), runOnDisk("two"), "--format", "json");
  const { workloads } = JSON.parse(text) as { workloads: { cells: { verdict: string }[] }[] };
  const verdicts = new Set(workloads.flatMap(({ cells }) => cells.map(({ verdict }) => verdict)));
  expect(verdicts).toEqual(new Set(["tie", "unknown"]));
});

test.each(["terminal", "markdown"])("%s says which runs, and what an interval is", async (format) => {
  const text = await output(runOnDisk("one"), runOnDisk("two"), "--format", format);
  expect(text).toContain("readymark compare: two over one");
  expect(text).toContain("95 %");
  expect(text).toContain("dogwood");
});

const onAnotherKernel = (run: Run): void => {
  run.environment.kernel = "7.0.0-fixture";
};

test("runs of different machines are refused with what differs and what to do", async () => {
  const running = compare.run([runOnDisk("one"), runOnDisk("two", onAnotherKernel)]);
  await expect(running).rejects.toMatchObject({ exitCode: 4 });
  await expect(running).rejects.toThrow(
    /the kernel \("6\.0\.0-fixture" and "7\.0\.0-fixture"\).*add --anyway/,
  );
});

test("told to, it compares them all the same, and says what differs", async () => {
  const text = await output(runOnDisk("one"), runOnDisk("two", onAnotherKernel), "--anyway");
  expect(text).toContain("The runs differ in the kernel");
});

test("more generations are no other conditions", async () => {
  const longer = (run: Run): void => {
    run.plan.generations = 9;
  };
  expect(await output(runOnDisk("one"), runOnDisk("two", longer))).toContain("dogwood");
});

test.each([
  { args: [], says: "compare needs a BASE and a HEAD" },
  { args: ["one"], says: "compare needs a BASE and a HEAD" },
])("compare $args is refused", async ({ args, says }) => {
  const running = Promise.resolve().then(() => compare.run(args));
  await expect(running).rejects.toMatchObject({ exitCode: 2 });
  await expect(running).rejects.toThrow(says);
});
