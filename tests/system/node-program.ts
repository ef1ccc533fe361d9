/** How tests start Node.js on a program of this project. */
import { fileURLToPath } from "node:url";

/** The command but for the program and its arguments; stripped-types.mjs says why it begins so. */
export const NODE: readonly string[] = [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  `--import=${fileURLToPath(new URL("./stripped-types.mjs", import.meta.url))}`,
];
