/** How the harness starts Node.js on one of its own programs. */
import { join } from "node:path";
import { IS_PACKAGED, MODULE_EXTENSION } from "../project.ts";

/** What comes before the program: in a clone what strips its types, in a package what an older Node.js lacks. */
const PRELOADED = join(import.meta.dirname, "..", IS_PACKAGED ? "older-node.js" : "stripped-types.mjs");

/**
 * The command and the arguments that run this project's program at `path`, which is without its extension; threads that it
 * starts begin in the same way. `node` is another binary of Node.js than the one that runs this.
 */
export function nodeProgram(path: string, node: string | null = null): { command: string; args: string[] } {
  return {
    command: node ?? process.execPath,
    args: ["--disable-warning=ExperimentalWarning", `--import=${PRELOADED}`, `${path}${MODULE_EXTENSION}`],
  };
}
