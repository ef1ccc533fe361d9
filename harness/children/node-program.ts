/** How the harness starts Node.js on one of its own programs. */
import { join } from "node:path";

/** The command and the arguments that run the TypeScript program at `path`; threads that it starts begin in the same way. */
export function nodeProgram(path: string): { command: string; args: string[] } {
  const preload = join(import.meta.dirname, "..", "stripped-types.mjs");
  return {
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", `--import=${preload}`, path],
  };
}
