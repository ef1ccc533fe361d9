/** The record of trials on disk: it only grows, and a line that was cut short costs that line. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appendTrial, readTrials } from "../../../harness/proof/record.ts";
import { fixtureTrial } from "../../fixtures/trials.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-trials-"));
  file = join(folder, "deep", "trials.jsonl");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("no file is no trials", () => {
  expect(readTrials(file)).toEqual([]);
});

test("trials come back as they were added", () => {
  const trials = [fixtureTrial("same", 1), fixtureTrial("cpu-5", 2)];
  for (const trial of trials) appendTrial(file, trial);
  expect(readTrials(file)).toEqual(trials);
});

test("a line that a kill cut short is left out, and the next trial is whole", () => {
  appendTrial(file, fixtureTrial("same", 1));
  appendFileSync(file, readFileSync(file, "utf8").slice(0, 500));
  appendTrial(file, fixtureTrial("cpu-5", 2));
  expect(readTrials(file).map(({ kind }) => kind)).toEqual(["same", "cpu-5"]);
});

test("a line of something else is refused with its number", () => {
  appendTrial(file, fixtureTrial("same", 1));
  writeFileSync(file, `${readFileSync(file, "utf8")}{"kind":"same"}\n`);
  expect(() => readTrials(file)).toThrow(/line 2 is no trial/);
});

test("a disk that takes nothing is said so", () => {
  expect(() => appendTrial("/dev/null/trials.jsonl", fixtureTrial("same", 1))).toThrow(
    /could not be added to \/dev\/null/,
  );
});
