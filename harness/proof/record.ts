/**
 * The record of all trials: a file with a line for each, which only grows. A line that a kill or a full disk cut short is
 * left out when it is read, and closed before the next is written.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../failure.ts";
import type { Trial } from "../results/proof.ts";
import { trialProblems } from "../results/validate.ts";

/** The path of `trials.jsonl`. */
export type ProofFile = string;

/** Every trial, in the order in which they were taken; none without a file. Throws a Failure for a line of another kind. */
export function readTrials(file: ProofFile): Trial[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index): Trial[] => {
    if (line === "") return [];
    const value = parsed(line);
    if (value === undefined) return [];
    const problems = trialProblems(value);
    if (problems.length > 0)
      throw new Failure(
        2,
        `${file}, line ${index + 1} is no trial of this version: ${problems[0]}. Move the file away to begin a new record.`,
      );
    return [value as Trial];
  });
}

/** Undefined for a line that was cut short. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Adds a trial, which is on the disk when this returns. Throws a Failure when the system does not let it. */
export function appendTrial(file: ProofFile, trial: Trial): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const isCutShort = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, "utf8"));
    const descriptor = openSync(file, "a");
    try {
      writeSync(descriptor, `${isCutShort ? "\n" : ""}${JSON.stringify(trial)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new Failure(4, `The trial could not be added to ${file}: ${(error as Error).message}.`);
  }
}
