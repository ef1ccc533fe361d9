/** The native test programs of native/test: each lists its cases and runs them. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../../harness/project.ts";

/** Each case has a limit of its own in the program. */
const ALL_TIMEOUT_MS = 300_000;
const FOLDER = join(PROJECT_ROOT, "build", "Release");

export interface NativeCase {
  group: string;
  name: string;
  /** Why it cannot run here; null when it can. */
  obstacle: string | null;
}

interface NativeEnding {
  /** Null when a signal ended it, for example after the time limit. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program. Rejects when it cannot be started. */
function runNative(program: string, ...args: string[]): Promise<NativeEnding> {
  return new Promise((resolve, reject) => {
    const path = join(FOLDER, program);
    execFile(path, args, { timeout: ALL_TIMEOUT_MS, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
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

/** One test for each case. `atOnce` of them run side by side: one where they are about when a single wait ends. */
export function describeNativeCases(program: string, cases: readonly NativeCase[], atOnce: number): void {
  const said = new Map<string, string>();
  beforeAll(async () => {
    const { status, stdout, stderr } = await runNative(program, "--all", String(atOnce));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const line of stdout.trimEnd().split("\n")) {
      const [group, name, failure = ""] = line.split("\t");
      said.set(`${group}\t${name}`, failure);
    }
  }, ALL_TIMEOUT_MS);

  describe.each([...new Set(cases.map(({ group }) => group))])("%s", (kind) => {
    test.for(cases.filter(({ group }) => group === kind))("$name", ({ group, name, obstacle }, context) => {
      if (obstacle !== null) context.skip(obstacle);
      context.expect(said.get(`${group}\t${name}`)).toBe("");
    });
  });

  test("a case that does not exist is refused in words", async () => {
    const { status, stderr } = await runNative(program, "poll", "no such case");
    expect(status).toBe(2);
    expect(stderr).toContain("There is no case 'no such case' of 'poll'; --list names them all.");
  });
}
