/** The controller's side of the load generator: a fresh, pinned process for every sample. */
import { join } from "node:path";
import type { LoadJob } from "./job.ts";
import type { GeneratorMessage } from "./generator-messages.ts";
import { spawnSupervised } from "../../machine/supervised.ts";
import type { LoadResult } from "../../results/run.ts";

export interface Generator {
  /** Runs one load. `onCounters` gets the path of the live counters' shared memory before the first connection. */
  run(job: LoadJob, onCounters: (path: string) => void): Promise<LoadResult>;
  stop(): Promise<void>;
}

export function startGenerator(cpus: readonly number[]): Generator {
  const child = spawnSupervised({
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "generator-process.ts")],
    cpus,
    ipc: true,
  });
  return {
    run: async (job, onCounters) => {
      child.send({ kind: "run", job });
      try {
        return await child.receive((raw) => {
          const message = raw as GeneratorMessage;
          if (message.kind === "counters") onCounters(message.path);
          if (message.kind === "error") throw new Error(message.message);
          return message.kind === "result" ? message.result : undefined;
        });
      } catch (error) {
        const tail = child.stderrTail().join(" | ");
        throw new Error(
          `the load generator failed: ${error instanceof Error ? error.message : String(error)}${tail === "" ? "" : ` (${tail})`}`,
          { cause: error },
        );
      }
    },
    stop: child.kill,
  };
}
