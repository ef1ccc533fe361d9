/** Runs one of the scripts in programs/, which need a process of their own, and collects what it wrote. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { underDescriptorLimit } from "../descriptor-limit.ts";

/** Far beyond what any script takes, several of them beside other work. */
const HANG_MS = 60_000;

export interface ScriptResult {
  output: string;
  /** Null when a signal ended it. */
  code: number | null;
}

/** `descriptorLimit` lowers the limit on open files of the script's process. */
export async function runScript(
  name: string,
  scriptArguments: readonly string[],
  descriptorLimit?: number,
): Promise<ScriptResult> {
  const path = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
  const script = [process.execPath, path, ...scriptArguments];
  const [command, ...args] = underDescriptorLimit(script, descriptorLimit);
  const child = spawn(command!, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  // A script that hangs must fail its test with what it said so far.
  const guard = setTimeout(() => child.kill("SIGKILL"), HANG_MS);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { output, code };
  } finally {
    clearTimeout(guard);
    child.kill("SIGKILL");
  }
}
