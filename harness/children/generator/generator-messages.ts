/** What the controller and the generator's process say to each other over their IPC channel. */
import type { LoadResult } from "../../results/run.ts";
import type { LoadJob } from "./job.ts";

/** From the controller. One job at a time. */
export interface RunMessage {
  kind: "run";
  job: LoadJob;
}

/**
 * From the generator, for each run: where its live counters are, then either what was observed or why it could not
 * run.
 */
export type GeneratorMessage =
  | { kind: "counters"; path: string }
  | { kind: "result"; result: LoadResult }
  | { kind: "error"; message: string };
