/** The shapes of `run.json`, version `readymark/run@1`. The published schema is `results/schema/run.schema.json`. */
import type { Calibration } from "./calibration.ts";
import type { BackEnd, BenchOptions, Counters, Loop, Parameters, Protocol } from "../contract.ts";

export const SCHEMA = "readymark/run@1";

/** A median over rounds with its 95 % bootstrap interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
  unit: string;
}

export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
  p99_9: number;
  max: number;
}

/** A latency distribution in nanoseconds: percentiles and the whole histogram (HdrHistogram V2, compressed, base64). */
export interface Distribution {
  count: number;
  meanNs: number;
  latencyNs: Percentiles;
  histogram: string;
}

/** The ways a request can fail, each counted by the load generator. */
export const ERROR_CLASSES = [
  "refused",
  "timedOut",
  "unreachable",
  "reset",
  "closedEarly",
  "short",
  "corrupt",
  "malformed",
  "addressNotAvailable",
  "other",
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** Every request is accounted for: `sent = ok + sum(errors) + inFlight`. */
export interface Accounting {
  sent: number;
  ok: number;
  inFlight: number;
  errors: Record<ErrorClass, number>;
  /** The first error in words, with the connection and the sequence number. */
  firstError: string | null;
}

/** What the load generator observed in one measured window. */
export interface LoadResult {
  windowSeconds: number;
  /** Verified operations completed inside the window. */
  operations: number;
  accounting: Accounting;
  /** Closed loop: service latency. Open loop: done minus intended send time. Churn: connect to closed. */
  latency: Distribution | null;
  /** Parts of an operation, by name: `connect`, `firstByte`, `close` (churn), `sendLag` (open loop). */
  stages: Record<string, Distribution>;
  /** CPU time of the server's processes inside the window, by their CPU clocks; null when no clock could be read. */
  serverCpuNs: number | null;
  /** CPU time of the generator's threads inside the window; null when they spin by design (open loop). */
  clientCpuNs: number | null;
  /** Share of the window each generator thread was on a CPU, 0 to 1. */
  clientBusyShare: number[];
  /** Share of the window each generator thread could have run and waited for a CPU; null where it was not observed. */
  clientWaitShare: number[] | null;
  /** Open loop: requests that fell due inside the window, and those of them that were sent inside it. */
  scheduled: number | null;
  sentInWindow: number | null;
  /** Closed loop: what requests that straddle the window's ends add to throughput times mean latency. */
  edgeInFlight: number | null;
  /** Time-average of requests in flight, for Little's law. */
  meanInFlight: number | null;
  /** Time between two points of the series. */
  seriesStepSeconds: number;
  /** Operations completed, cumulative: one point at the end of each step from the start of the window. */
  series: number[];
  /** Only on the load at the rate that a search for the capacity found. */
  search?: CapacitySearch;
}

/** One load of a search for the capacity, at one offered rate. */
export interface SearchStep {
  /** What was offered. */
  ratePerSecond: number;
  /** What was answered within the window, per second of it. */
  achievedPerSecond: number;
  windowSeconds: number;
  /** From the intended send time; null when nothing was answered. */
  latencyNs: Percentiles | null;
  /** `generator`: the load generator did not keep its own schedule, so the step says nothing about the server. */
  outcome: "met" | "missed" | "generator";
  /** Why it was not met; null when it was. */
  reason: string | null;
}

/** How the highest offered rate at which a latency objective holds was found. */
export interface CapacitySearch {
  objective: string;
  /** What a closed loop reached before the first step. */
  estimatePerSecond: number;
  /** The highest rate that met the objective; null when the generator failed at every rate, which judges nobody. */
  capacityPerSecond: number | null;
  /** The lowest rate above it that did not, twice or by far; null when the steps ran out before there was one. */
  limitPerSecond: number | null;
  /** What ended the search upwards. The capacity is only a lower bound unless it was the objective. */
  limitedBy: "objective" | "generator" | "steps";
  /** In the order they were taken. */
  steps: SearchStep[];
}

export interface Check {
  name: string;
  passed: boolean;
  /** What was observed; null when it could not be. */
  value: number | null;
  limit: number | null;
  /** The check in a sentence, with its numbers. */
  message: string;
}

export interface Validity {
  verdict: "valid" | "client-limited" | "invalid";
  checks: Check[];
}

/** What the server counted between two looks inside the window, with what happened meanwhile. */
export interface CountersSeen {
  operations: number;
  elapsedNs: number;
  counts: Counters;
}

/** What the kernel counted for the whole machine; null where it does not count. */
export interface MachineSeen {
  /** Share of the CPU time that the hypervisor gave to others, from the server's start to the end of the load. */
  stealShare: number | null;
  /** Share of the time, between two looks inside the window, in which some task was ready and waited for a CPU. */
  cpuPressureShare: number | null;
  /** Share of the measured CPUs' time, between the same looks, that went to processes that take no part. */
  othersCpuShare: number | null;
  /** Connections that found an accept queue full while the load ran, in the whole network namespace. */
  listenOverflows: number | null;
  /** Connections that a listening socket dropped for any reason, likewise. */
  listenDrops: number | null;
}

export interface Sample {
  round: number;
  /** 0, or how often this round of the cell was measured before and found invalid. */
  attempt: number;
  seed: number;
  startedAt: string;
  status: "ok" | "invalid" | "failed";
  reason: string | null;
  load: LoadResult | null;
  serverCpuNsPerOp: number | null;
  clientCpuNsPerOp: number | null;
  /** User-mode share of the server's CPU time, 0 to 1. */
  serverUserShare: number | null;
  serverContextSwitchesPerOp: number | null;
  serverRssBytes: number | null;
  /** Null for a server that counts nothing. */
  counters: CountersSeen | null;
  /** Null for a server that has one shard only. */
  connectionsPerShard: number[] | null;
  /** Null for a sample that was not measured to its end. */
  machine: MachineSeen | null;
  validity: Validity | null;
}

/** The kernel's part of an echo over tcp, with no server in it: one receive and one send. */
export interface FloorSample {
  round: number;
  payloadBytes: number;
  operations: number;
  cpuNsPerOp: number;
}

/**
 * The system calls of the server in a pass of its own that is never timed: counted between two moments of one load,
 * together with the operations done in between.
 */
export interface Trace {
  tool: "perf" | "strace";
  /** Length of the traced window. */
  seconds: number;
  /** Operations done in it: the middle of what the two ends allow. */
  operations: number;
  /** By how much that may be wrong, because counting and reading the operations are not one moment. */
  operationsError: number;
  /** Calls per operation, by name; `other` for those a tool counts without telling their names. */
  calls: Record<string, number>;
}

export interface Summary {
  throughput: Estimate;
  serverCpuNsPerOp: Estimate | null;
  clientCpuNsPerOp: Estimate | null;
  serverContextSwitchesPerOp: Estimate | null;
  serverRssBytes: Estimate | null;
  /** The kernel floor as a share of the server's CPU time per operation; null for work that is no echo. */
  floorShare: Estimate | null;
  /** From the traced pass, so there is one value; `low` and `high` are what the uncertain ends of its window leave. */
  syscallsPerOp: Estimate | null;
  eventsPerWait: Estimate | null;
  /** Share of the time the server spent waiting for events, 0 to 1. */
  waitShare: Estimate | null;
  /** Percentiles of the merged histogram of all rounds, nanoseconds. */
  latencyNs: Percentiles | null;
  /** The same percentiles as medians over rounds, with intervals. */
  latencyIntervalsNs: Record<keyof Percentiles, Estimate> | null;
  histogram: string | null;
  stages: Record<string, Distribution>;
  connectionsPerShard: number[] | null;
  validity: Validity;
}

export interface ConformanceCase {
  name: string;
  passed: boolean;
  reason: string | null;
}

export interface Cell {
  /** `framework/variant/protocol/scenario/name=value,...`: unique in a run. */
  id: string;
  framework: string;
  variant: string;
  protocol: Protocol;
  scenario: string;
  loop: Loop;
  /** What one operation is, plural. */
  operations: string;
  parameters: Parameters;
  /** `pending` only in a run that has not finished. */
  status: "pending" | "ok" | "invalid" | "unavailable" | "failed";
  reason: string | null;
  /** The server's last lines on stderr when it failed. */
  serverStderr: string[];
  version: string | null;
  conformance: ConformanceCase[] | null;
  samples: Sample[];
  /** What the server says it waits in; null when it says nothing. */
  backEnd: BackEnd | null;
  trace: Trace | null;
  /** Why there is no trace; null when there is one, or none was tried yet. */
  traceReason: string | null;
  summary: Summary | null;
}

export const TRACE_SCOPES = ["none", "closed", "all"] as const;
export type TraceScope = (typeof TRACE_SCOPES)[number];

export interface Plan {
  seed: number;
  rounds: number;
  /** How many invalid samples, over all cells, may be measured once more. */
  retakes: number;
  effort: BenchOptions["effort"];
  /** Which cells get a pass with a tracer: none, those with a closed loop, or all. */
  trace: TraceScope;
  warmupSeconds: number;
  durationSeconds: number;
  timeoutSeconds: number;
  shards: number;
  serverCpus: number[];
  clientCpus: number[];
  /** The port servers listen on; 0 lets the kernel choose. */
  port: number;
  command: string | null;
  address: string | null;
}

export interface Environment {
  cpu: { model: string; count: number; mitigations: Record<string, string>; governor: string | null };
  memoryBytes: number;
  kernel: string;
  os: string;
  hypervisor: string | null;
  /** Share of CPU time stolen by the hypervisor since boot, 0 to 1. */
  stealShare: number | null;
  limits: Record<string, number | string | null>;
  versions: Record<string, string>;
  git: { commit: string; dirty: boolean } | null;
  /** SHA-256 of each binary that measures or is measured, hex, by name. */
  binaries: Record<string, string>;
  /** The latest calibration of the load generator on this machine, whatever its verdict; null when there is none. */
  calibration: Calibration | null;
  /** Why there is no calibration, or why the one there says little about this run; null when it fits. */
  calibrationRemark: string | null;
}

export interface Run {
  schema: typeof SCHEMA;
  id: string;
  startedAt: string;
  finishedAt: string | null;
  environment: Environment;
  plan: Plan;
  /** One for each round and each payload that was echoed. */
  floor: FloorSample[];
  cells: Cell[];
  /** Sentences a reader must know before quoting a number of this run. */
  warnings: string[];
}
