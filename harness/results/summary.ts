/** Turns a cell's samples into its summary and its status. Only samples that count give numbers; all of them judge. */
import { countingSamples, type Measured } from "./counting-samples.ts";
import { mergeDistributions } from "./histogram.ts";
import { median } from "../statistics/median.ts";
import { meanInterval } from "../statistics/student.ts";
import type {
  Cell,
  Distribution,
  Estimate,
  FloorSample,
  LoadResult,
  Percentiles,
  Sample,
  Summary,
  Trace,
  Validity,
} from "./run.ts";

const PERCENTILES: readonly (keyof Percentiles)[] = ["p50", "p90", "p99", "p99_9", "max"];
const SEVERITY: readonly Validity["verdict"][] = ["valid", "client-limited", "not-steady", "invalid"];

/**
 * What the samples say together, or null when none counts. `operations` is what one operation is, plural: it becomes
 * the unit of the throughput. A quantity that no counting sample observed is null. `floor` are the kernel floors of this
 * work, for work that has one; `trace` is its traced pass, if there was one, from which the system calls come.
 */
export function summarise(
  samples: readonly Sample[],
  operations: string,
  { floor = [], trace = null }: { floor?: readonly FloorSample[]; trace?: Trace | null } = {},
): Summary | null {
  const counting = countingSamples(samples);
  // What was left out of the numbers is left out of their verdict; a cell in which nothing counts is judged by all.
  const validity = worstValidity(counting.length > 0 ? counting : samples);
  if (counting.length === 0 || validity === null) return null;
  const latencies = present(counting.map(({ load }) => load.latency));
  const merged = latencies.length === 0 ? null : mergeDistributions(latencies);
  const perGeneration = (unit: string, pick: (sample: Measured) => number | null): Estimate | null =>
    estimate(present(counting.map(pick)), unit);
  return {
    throughput: {
      ...intervalOf(counting.map(({ load }) => throughputOf(load))),
      unit: `${operations}/s`,
    },
    serverCpuNsPerOp: perGeneration("ns/op", (sample) => sample.serverCpuNsPerOp),
    clientCpuNsPerOp: perGeneration("ns/op", (sample) => sample.clientCpuNsPerOp),
    serverContextSwitchesPerOp: perGeneration("switches/op", (sample) => sample.serverContextSwitchesPerOp),
    serverRssBytes: perGeneration("bytes", (sample) => sample.serverRssBytes),
    floorShare: perGeneration("share", ({ generation, serverCpuNsPerOp }) =>
      quotient(floor.find((one) => one.generation === generation)?.cpuNsPerOp, serverCpuNsPerOp),
    ),
    syscallsPerOp: systemCalls(trace),
    eventsPerWait: perGeneration("events/wait", ({ counters }) =>
      quotient(counters?.counts.events, counters?.counts.waits),
    ),
    waitShare: perGeneration("share", ({ counters }) =>
      quotient(counters?.counts.timeInWaitNs, counters?.elapsedNs),
    ),
    latencyNs: merged?.latencyNs ?? null,
    latencyIntervalsNs: latencyIntervals(latencies),
    histogram: merged?.histogram ?? null,
    stages: mergeStages(counting),
    connectionsPerShard: sumShards(present(counting.map((sample) => sample.connectionsPerShard))),
    validity,
  };
}

/** A search found a rate; what happened to be answered in its window differs from that by the luck of the arrivals. */
function throughputOf({ search, operations, windowSeconds }: LoadResult): number {
  return search?.capacityPerSecond ?? operations / windowSeconds;
}

/**
 * One failed sample fails the cell. Invalid samples are left out; the cell is ok as long as more than half of its
 * generations count, because what made the others invalid is then the exception on this machine. The first bad sample gives
 * the reason.
 */
export function cellStatus(samples: readonly Sample[], generations: number): Pick<Cell, "status" | "reason"> {
  if (samples.length === 0) return { status: "pending", reason: null };
  const failed = samples.find((one) => one.status === "failed");
  if (failed !== undefined) return { status: "failed", reason: reasonOf(failed) };
  const invalid = samples.find((one) => one.status === "invalid");
  if (invalid === undefined || countingSamples(samples).length * 2 > generations)
    return { status: "ok", reason: null };
  return { status: "invalid", reason: reasonOf(invalid) };
}

function reasonOf({ generation, status, reason }: Sample): string {
  return `Generation ${generation + 1}: ${reason ?? `The sample is ${status} and gave no reason.`}`;
}

/** The user-mode share of the server's CPU time, 0 to 1: the median over the generations that observed it, or null. */
export function serverUserShare(samples: readonly Sample[]): number | null {
  const shares = present(countingSamples(samples).map((sample) => sample.serverUserShare));
  return shares.length === 0 ? null : median(shares);
}

function estimate(generations: readonly number[], unit: string): Estimate | null {
  return generations.length === 0 ? null : { ...intervalOf(generations), unit };
}

/** One generation has an interval of no width: nothing about its spread was seen. None of these quantities is negative. */
function intervalOf(generations: readonly number[]): Pick<Estimate, "value" | "low" | "high"> {
  const interval = meanInterval(generations);
  if (interval !== null) return { ...interval, low: Math.max(0, interval.low) };
  const [value = Number.NaN] = generations;
  return { value, low: value, high: value };
}

function quotient(value: number | null | undefined, by: number | null | undefined): number | null {
  return value == null || by == null || by === 0 ? null : value / by;
}

function systemCalls(trace: Trace | null): Estimate | null {
  if (trace === null) return null;
  const value = sumOf(trace.calls);
  const { operations, operationsError } = trace;
  return {
    value,
    low: (value * operations) / (operations + operationsError),
    high: (value * operations) / (operations - operationsError),
    unit: "calls/op",
  };
}

function sumOf(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((sum, one) => sum + one, 0);
}

function latencyIntervals(latencies: readonly Distribution[]): Summary["latencyIntervalsNs"] {
  if (latencies.length === 0) return null;
  const intervals = PERCENTILES.map((name) => {
    const generations = latencies.map(({ latencyNs }) => latencyNs[name]);
    return [name, { ...intervalOf(generations), unit: "ns" }] as const;
  });
  return Object.fromEntries(intervals) as Record<keyof Percentiles, Estimate>;
}

function mergeStages(samples: readonly Measured[]): Record<string, Distribution> {
  const names = new Set(samples.flatMap(({ load }) => Object.keys(load.stages)));
  const merged = [...names].flatMap((name) => {
    const generations = samples.map(({ load }) => load.stages[name]).filter((stage) => stage !== undefined);
    const stage = mergeDistributions(generations);
    return stage === null ? [] : [[name, stage] as const];
  });
  return Object.fromEntries(merged);
}

function sumShards(generations: readonly number[][]): number[] | null {
  if (generations.length === 0) return null;
  const shards = Math.max(...generations.map((counts) => counts.length));
  return Array.from({ length: shards }, (_, shard) =>
    generations.reduce((sum, counts) => sum + (counts[shard] ?? 0), 0),
  );
}

function worstValidity(samples: readonly Sample[]): Validity | null {
  const judged = present(samples.map(({ validity }) => validity));
  return judged.reduce<Validity | null>(
    (worst, next) => (worst === null || severity(next) > severity(worst) ? next : worst),
    null,
  );
}

function severity({ verdict }: Validity): number {
  return SEVERITY.indexOf(verdict);
}

function present<Value>(values: readonly (Value | null)[]): Value[] {
  return values.filter((value) => value !== null);
}
