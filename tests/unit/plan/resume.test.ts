/** An interrupted run goes on only where what it measured with is still there. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import nodeNet from "../../../frameworks/node-net/framework.ts";
import { readEnvironment } from "../../../harness/machine/environment.ts";
import { prepareResumedRun } from "../../../harness/plan/resume.ts";
import type { Environment, Run } from "../../../harness/results/run.ts";
import { readRun, resolveRun, writeRun } from "../../../harness/results/store.ts";

/** A run of this project's own servers and node-net. */
const PUBLISHED = "20261127-035124-9fd8";
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-resume-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** That run as if it had been interrupted here, but for this change. */
async function resume(change: (environment: Environment) => Partial<Environment>): Promise<unknown> {
  const run = readRun(resolveRun(PUBLISHED));
  // Which every machine has, on whatever Node.js the tests run.
  const availability = await nodeNet.variants([])[0]?.availability();
  if (!availability?.available) throw new Error("node-net is always there.");
  const environment = readEnvironment({ "node-net": availability.version });
  const interrupted: Run = {
    ...run,
    finishedAt: null,
    environment: { ...environment, ...change(environment) },
  };
  writeRun(folder, interrupted);
  return prepareResumedRun(join(folder, "run.json"), folder);
}

test("with the same versions and sources it goes on", async () => {
  await expect(resume(() => ({}))).resolves.toMatchObject({ folder });
});

test("a server of another version is refused", async () => {
  const other = ({ versions }: Environment): Partial<Environment> => ({
    versions: { ...versions, "node-net": "Node.js v0.1.0" },
  });
  await expect(resume(other)).rejects.toThrow("since it began, versions changed");
});

test("sources that were edited since are refused, whether committed or not", async () => {
  const edited = ({ binaries }: Environment): Partial<Environment> => ({
    binaries: { ...binaries, sources: "0".repeat(64) },
  });
  await expect(resume(edited)).rejects.toThrow("binaries or sources changed");
});
