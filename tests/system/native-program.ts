/** The native test programs of native/test: each lists its cases and runs one by name. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../../harness/project.ts";

const FOLDER = join(PROJECT_ROOT, "build", "Release");

export interface NativeCase {
  group: string;
  name: string;
  /** Why it cannot run here; null when it can. */
  obstacle: string | null;
}

export interface NativeEnding {
  /** Null when a signal ended it, for example after the time limit. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program. Rejects when it cannot be started. */
export function runNative(program: string, ...args: string[]): Promise<NativeEnding> {
  return new Promise((resolve, reject) => {
    const path = join(FOLDER, program);
    // A case that hangs is one that waits for an event that never comes.
    execFile(path, args, { timeout: 60_000, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      if (error && typeof error.code === "string") {
        reject(new Error(`${path} could not be started; build it with 'npm run setup'.`, { cause: error }));
        return;
      }
      const status = error ? (typeof error.code === "number" ? error.code : null) : 0;
      resolve({ status, stdout, stderr });
    });
  });
}

export async function listNativeCases(program: string): Promise<NativeCase[]> {
  const { status, stdout, stderr } = await runNative(program, "--list");
  if (status !== 0) throw new Error(`${program} could not list its cases: ${stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [group = "", name = "", obstacle = ""] = line.split("\t");
      return { group, name, obstacle: obstacle === "" ? null : obstacle };
    });
}

/**
 * One test for each case. Cases that mostly wait for time limits may run side by side; those that look at single waits
 * must not, because they are about when each one ends.
 */
export function describeNativeCases(
  program: string,
  cases: readonly NativeCase[],
  order: "in turn" | "side by side",
): void {
  const groups = [...new Set(cases.map(({ group }) => group))];
  const describeEach = order === "side by side" ? describe.concurrent.each(groups) : describe.each(groups);
  describeEach("%s", (kind) => {
    test.for(cases.filter(({ group }) => group === kind))("$name", async ({ name, obstacle }, context) => {
      if (obstacle !== null) context.skip(obstacle);
      const { status, stderr } = await runNative(program, kind, name);
      context.expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    });
  });

  test("a case that does not exist is refused in words", async () => {
    const { status, stderr } = await runNative(program, "poll", "no such case");
    expect(status).toBe(2);
    expect(stderr).toContain("There is no case 'no such case' of 'poll'; --list names them all.");
  });
}
