/**
 * The record of a whole run, `run.json`, and with it the one door to all records that a run holds.
 */
import { EFFORTS } from "../contract.ts";
import { Type } from "typebox";
import { type Static, define, the, orNull, text, timestamp, amount, count, oneOf, listOf } from "./define.ts";
import { cell } from "./cell.ts";
import { environment } from "./environment.ts";
import { floorSample } from "./sample.ts";

export type * from "./calibration.ts";
export type * from "./cell.ts";
export type * from "./environment.ts";
export type * from "./measures.ts";
export type * from "./sample.ts";
export {
  ERROR_CLASSES,
  type Accounting,
  type CapacitySearch,
  type ErrorClass,
  type LoadResult,
  type SearchStep,
} from "./load.ts";

export const SCHEMA = "readymark/run@2";

export const TRACE_SCOPES = ["none", "closed", "all"] as const;
export type TraceScope = (typeof TRACE_SCOPES)[number];

export const plan = define("plan", "What was asked for.", {
  seed: count("Seed of the order of cells and of every sample's seed."),
  rounds: count("Samples per cell.", { minimum: 1 }),
  effort: oneOf(EFFORTS, "How much was measured when the user named nothing."),
  warmupSeconds: amount("Load before each measured window, seconds; not counted."),
  durationSeconds: amount("Length of each measured window, seconds."),
  timeoutSeconds: amount("How long an answer may take before its request counts as timed out, seconds."),
  shards: count("Worker threads a sharded server starts."),
  serverCpus: listOf(count(), "CPU numbers the server was pinned to."),
  clientCpus: listOf(count(), "CPU numbers the load generator was pinned to."),
  command: orNull(text("The user's own server, as a command line; null when there was none.")),
  port: count("The port the servers listen on; 0 when the kernel chooses.", { maximum: 65535 }),
  address: orNull(text("The user's own server, as `host:port`; null when there was none.")),
  retakes: count("How many invalid samples, over all cells, may be measured once more."),
  trace: oneOf(
    TRACE_SCOPES,
    "Which cells get a pass with a tracer: `none`, those with a `closed` loop, or `all`.",
  ),
});
export interface Plan extends Static<typeof plan> {}

export const run = define(
  "run",
  "One run of the benchmark: the machine, the plan, and one cell for each server under each workload. A number that was not observed is null, never 0.",
  {
    schema: Type.Literal(SCHEMA, { type: "string", description: "The version of this format." }),
    id: text("The run's name, and the name of its folder."),
    startedAt: timestamp("When it started."),
    finishedAt: orNull(timestamp("When it finished; null when it has not.")),
    environment: the(environment, "The machine and what ran on it."),
    plan: the(plan, "What was asked for."),
    floor: listOf(
      the(floorSample),
      "The kernel floor: what one receive and one send of an echo over tcp cost with no server, once for each round and payload.",
    ),
    cells: listOf(the(cell), "One cell for each server under each workload."),
    warnings: listOf(text(), "Sentences a reader must know before quoting a number of this run."),
  },
);
export interface Run extends Static<typeof run> {}
