/** What the controller and the generator's process say to each other over their IPC channel. */
import type { LoadResult } from "../../results/run.ts";
import type { SliceLoad } from "../../results/slice-load.ts";
import type { LoadJob } from "./job.ts";
import type { NativeSlice } from "./native-generator.ts";

/**
 * From the controller: a whole load, or sessions, of which each has a number of the controller's choosing. One command
 * at a time.
 */
export type ToGenerator =
  | { kind: "run"; job: LoadJob }
  | { kind: "open"; session: number; job: LoadJob }
  | { kind: "slice"; session: number; slice: NativeSlice }
  | { kind: "close"; session: number };

/** From the generator, for each run and each session that is opened: where its live counters are; then one answer. */
export type FromGenerator =
  | { kind: "counters"; path: string }
  | { kind: "opened" }
  | { kind: "result"; result: LoadResult }
  | { kind: "slice"; load: SliceLoad }
  | { kind: "closed" }
  | { kind: "error"; message: string };
