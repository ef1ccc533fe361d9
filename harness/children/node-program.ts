/** How the harness starts Node.js on one of its own programs. */
import { join } from "node:path";

/**
 * The command and the arguments that run the TypeScript program at `path`; threads that it starts begin in the same way.
 * `node` is another binary of Node.js than the one that runs this.
 */
export function nodeProgram(path: string, node: string | null = null): { command: string; args: string[] } {
  const preload = join(import.meta.dirname, "..", "stripped-types.mjs");
  return {
    command: node ?? process.execPath,
    args: ["--disable-warning=ExperimentalWarning", `--import=${preload}`, path],
  };
}
