/** The native suite of the back ends: a program that lists its cases and runs one by name. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../harness/project.ts";

const PROGRAM = join(PROJECT_ROOT, "build", "Release", "multiplexer_test");

export interface NativeCase {
  kind: string;
  name: string;
  /** Why the back end cannot run here; null when it can. */
  obstacle: string | null;
}

export interface NativeEnding {
  /** Null when a signal ended it, for example after the time limit. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the program. Throws when it cannot be started. */
export function runNative(...args: string[]): NativeEnding {
  // A case that hangs is one that waits for an event that never comes.
  const result = spawnSync(PROGRAM, args, { encoding: "utf8", timeout: 20_000, killSignal: "SIGKILL" });
  if (result.error && result.status === null && result.signal === null) {
    throw new Error(`${PROGRAM} could not be started; build it with 'npm run setup'.`, {
      cause: result.error,
    });
  }
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

export function listNativeCases(): NativeCase[] {
  const { status, stdout, stderr } = runNative("--list");
  if (status !== 0) throw new Error(`multiplexer_test could not list its cases: ${stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [kind = "", name = "", obstacle = ""] = line.split("\t");
      return { kind, name, obstacle: obstacle === "" ? null : obstacle };
    });
}
