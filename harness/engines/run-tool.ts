/** Runs an external load tool, pinned like ours, and returns what it printed and the CPU time it used. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSupervised } from "../machine/supervised.ts";

export interface ToolResult {
  stdout: string;
  cpuNs: number;
}

/** `args` may need a folder for files of their own; it is removed afterwards. */
export async function runTool(
  command: string,
  cpus: readonly number[],
  args: (folder: string) => readonly string[],
): Promise<ToolResult> {
  const folder = mkdtempSync(join(tmpdir(), "readymark-engine-"));
  try {
    let stdout = "";
    const usageFile = join(folder, "usage");
    const tool = spawnSupervised({
      command,
      args: args(folder),
      cpus,
      ipc: false,
      usageFile,
      onStdout: (text) => (stdout += text),
    });
    const how = await tool.ended;
    if (how !== "exited with code 0") {
      throw new Error(`${command} ${how}: ${[stdout.trim(), ...tool.stderrTail()].join(" | ")}`);
    }
    return { stdout, cpuNs: Number(readFileSync(usageFile, "utf8")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
