/** Clinic.js, which is installed apart because it is large and not maintained any more. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Availability } from "../../contract.ts";
import { IS_PACKAGED, PROJECT_ROOT } from "../../project.ts";
import type { Tool } from "../tool.ts";

/** A package has no folder of extras; there its user installs it beside the package. */
const FOLDER = IS_PACKAGED
  ? join(process.cwd(), "node_modules")
  : join(PROJECT_ROOT, "extras", "profilers", "node_modules");
const PROGRAM = join(FOLDER, "clinic", "bin.js");
/** A page without any data is the frame of the tool alone. */
const LEAST_BYTES = 10_000;

function clinic(tool: string, description: string): Tool {
  return {
    ...{ name: tool, description },
    availability,
    command: (program, folder) => ({
      words: [process.execPath, PROGRAM, tool, "--open=false", `--dest=${folder}`, "--", ...program],
      environment: { NO_INSIGHT: "1" },
    }),
    endSignal: "SIGTERM",
    limitSeconds: 300,
    results: (folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith(".html"))
        .map((file) => join(folder, file))
        .filter((path) => statSync(path).size > LEAST_BYTES),
    howToRead: "Open it in a browser.",
  };
}

async function availability(): Promise<Availability> {
  if (!existsSync(PROGRAM))
    return {
      available: false,
      reason: "Clinic.js is not installed. Install it with: npm run profilers:install",
    };
  const { version } = JSON.parse(readFileSync(join(FOLDER, "clinic", "package.json"), "utf8")) as {
    version: string;
  };
  return { available: true, version };
}

export const clinicTools: readonly Tool[] = [
  clinic("doctor", "CPU, memory, delay of the event loop and open handles over time, with a diagnosis"),
  clinic("flame", "a flame graph of where the CPU time goes"),
  { ...clinic("bubbleprof", "asynchronous operations and the time between them"), followsLibuvOnly: true },
  { ...clinic("heapprofiler", "which functions allocate memory"), endSignal: "SIGINT" },
];
