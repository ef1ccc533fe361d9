/**
 * The record of a whole run, `run.json`, and with it the one door to all records that a run holds.
 */
import { EFFORTS } from "../contract.ts";
import { Type } from "typebox";
import {
  type Static,
  define,
  the,
  orNull,
  text,
  timestamp,
  amount,
  positive,
  count,
  record,
  truth,
  oneOf,
  listOf,
} from "./define.ts";
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
  type AgentSeen,
  type CapacitySearch,
  type ErrorClass,
  type LoadResult,
  type SearchStep,
} from "./load.ts";

export const SCHEMA = "readymark/run@3";

export const TRACE_SCOPES = ["none", "closed", "all"] as const;
export type TraceScope = (typeof TRACE_SCOPES)[number];

const plan = define("plan", "What was asked for.", {
  seed: count("Seed of the order of cells and of every sample's seed."),
  generations: count("Samples per cell, each in fresh processes.", { minimum: 1 }),
  effort: oneOf(EFFORTS, "How much was measured when the user named nothing."),
  warmupSeconds: amount("Load that a server gets under each workload before it counts, at least, seconds."),
  warmupLimitSeconds: amount("When a server has not settled after so much load, it is not steady, seconds."),
  durationSeconds: positive(
    "Measured time of each cell in each generation, or length of each window of a search, seconds.",
  ),
  sliceSeconds: positive("Length of each slice of load, seconds."),
  discardSeconds: amount("Load before each slice, seconds; not counted."),
  isolated: truth("Whether each server was measured while no other was alive."),
  baseline: orNull(text("The server that paired ratios go to, by its name; null to take the usual one.")),
  timeoutSeconds: amount("How long an answer may take before its request counts as timed out, seconds."),
  shards: count("Worker threads a sharded server starts."),
  serverCpus: listOf(count(), "CPU numbers the server was pinned to."),
  clientCpus: listOf(count(), "CPU numbers the load generator was pinned to."),
  commands: listOf(text(), "The user's own servers, as command lines."),
  port: count("The port the servers listen on; 0 when the kernel chooses.", { maximum: 65535 }),
  address: orNull(text("The user's own server, as `host:port`; null when there was none.")),
  engines: listOf(text(), "Other load generators that measured echoes over http as well, by name."),
  node: orNull(text("The Node.js binary that servers ran on; null for the one of the harness.")),
  host: Type.Optional(
    text("The IPv4 address that servers listened on, when it was another than 127.0.0.1; absent otherwise."),
  ),
  serverProcesses: Type.Optional(
    count("Processes of each server on one port, when there were several; absent otherwise.", { minimum: 2 }),
  ),
  agents: Type.Optional(
    record("Only when other machines loaded the servers: how many, and where they were found.", {
      count: count("How many.", { minimum: 1 }),
      broker: text("The address of NATS."),
    }),
  ),
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
      "The kernel floor: what one receive and one send of an echo over tcp cost with no server, once for each generation and payload.",
    ),
    cells: listOf(the(cell), "One cell for each server under each workload."),
    warnings: listOf(text(), "Sentences a reader must know before quoting a number of this run."),
  },
);
export interface Run extends Static<typeof run> {}
