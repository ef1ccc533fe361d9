/** The controller's side of the load generator: a pinned process of its own. */
import { join } from "node:path";
import type { LoadJob } from "./job.ts";
import type { LoadSession } from "./run-load.ts";
import type { FromGenerator, ToGenerator } from "./generator-messages.ts";
import { nodeProgram } from "../node-program.ts";
import { spawnSupervised, type Supervised } from "../../machine/supervised.ts";
import type { LoadResult } from "../../results/run.ts";

export interface Generator {
  /** Runs one load. `onCounters` gets the path of the live counters' shared memory before the first connection. */
  run(job: LoadJob, onCounters?: (path: string) => void): Promise<LoadResult>;
  /** Opens the connections of a job, which stay while slices of its load come and go. One load at a time. */
  openSession(job: LoadJob, onCounters?: (path: string) => void): Promise<LoadSession>;
  stop(): Promise<void>;
}

export function startGenerator(cpus: readonly number[]): Generator {
  const child = spawnSupervised({
    ...nodeProgram(join(import.meta.dirname, "generator-process")),
    cpus,
    ipc: true,
  });
  let sessions = 0;
  return {
    run: async (job, onCounters) => (await ask(child, { kind: "run", job }, "result", onCounters)).result,
    openSession: async (job, onCounters) => {
      const session = sessions++;
      await ask(child, { kind: "open", session, job }, "opened", onCounters);
      return {
        run: async (slice) => (await ask(child, { kind: "slice", session, slice }, "slice")).load,
        close: async () => {
          await ask(child, { kind: "close", session }, "closed");
        },
      };
    },
    stop: child.kill,
  };
}

async function ask<Kind extends FromGenerator["kind"]>(
  child: Supervised,
  command: ToGenerator,
  kind: Kind,
  onCounters: (path: string) => void = () => undefined,
): Promise<Extract<FromGenerator, { kind: Kind }>> {
  child.send(command);
  try {
    return await child.receive((raw) => {
      const message = raw as FromGenerator;
      if (message.kind === "counters") onCounters(message.path);
      if (message.kind === "error") throw new Error(message.message);
      return message.kind === kind ? (message as Extract<FromGenerator, { kind: Kind }>) : undefined;
    });
  } catch (error) {
    const tail = child.stderrTail().join(" | ");
    throw new Error(
      `the load generator failed: ${error instanceof Error ? error.message : String(error)}${tail === "" ? "" : ` (${tail})`}`,
      { cause: error },
    );
  }
}
