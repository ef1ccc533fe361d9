/**
 * The native generator's result and what becomes of it. native/loadgen/tally.h has the table of its plain fields: a new
 * one is counted there, named here, and defined in harness/results/load.ts.
 */
import { ERROR_CLASSES, type ErrorClass } from "../../results/run.ts";
import type { Buckets, SliceLoad } from "../../results/slice-load.ts";
import type { LoadJob } from "./job.ts";

/** Durations counted in HdrHistogram's buckets (lowest 1 ns, three significant digits). */
export interface NativeHistogram {
  count: number;
  sumNs: number;
  minNs: number;
  maxNs: number;
  /** Lowest value of a bucket and its count, in turn, ascending; empty buckets are left out. */
  pairs: Float64Array;
}

export interface NativeResult {
  /** When the last thread began to load, nanoseconds of the monotonic clock. */
  startedNs: number;
  /** Length of the window; 0 when the run ended before it began. */
  windowNs: number;
  operations: number;
  sent: number;
  ok: number;
  inFlight: number;
  /** Datagrams that were not answered in time. */
  lost: number;
  errors: Record<string, number>;
  firstError: string | null;
  latency: NativeHistogram;
  stages: Record<string, NativeHistogram>;
  serverCpuNs: number | null;
  neighboursCpuNs: number | null;
  processCpuNs: number | null;
  /** The longest time that the generator's process did not run although it was to. */
  longestPauseNs: number;
  threadCpuNs: Float64Array;
  /** Time each thread waited for a CPU; empty where the kernel does not count it. */
  threadWaitNs: Float64Array;
  scheduled: number;
  sentInWindow: number;
  /** Integral of requests in flight over the window, in requests times nanoseconds. */
  inFlightAreaNs: number;
  /** Closed loop: time in flight inside the window that `latency` misses, less the time outside that it holds. */
  edgeAreaNs: number;
  seriesStepNs: number;
  /** Operations completed in each step of the window; not cumulative. */
  series: Float64Array;
}

function bucketsOf({ count, sumNs, maxNs, pairs }: NativeHistogram): Buckets {
  return { count, sumNs, maxNs: count === 0 ? 0 : maxNs, pairs: Array.from(pairs) };
}

function errorsOf(native: NativeResult): Record<ErrorClass, number> {
  const entries = ERROR_CLASSES.map((name) => {
    const count = native.errors[name];
    if (count === undefined)
      throw new Error(`The native addon does not count '${name}' errors; build it again.`);
    return [name, count] as const;
  });
  return Object.fromEntries(entries) as Record<ErrorClass, number>;
}

function cumulative(counts: Float64Array): number[] {
  let total = 0;
  return Array.from(counts, (count) => (total += count));
}

/** What the load generator observed in one slice, in the units and names of a run. */
export function describeSlice(job: LoadJob, native: NativeResult): SliceLoad {
  const open = job.loop === "open";
  const began = native.windowNs > 0;
  return {
    startedNs: native.startedNs,
    windowSeconds: native.windowNs / 1e9,
    operations: native.operations,
    accounting: {
      sent: native.sent,
      ok: native.ok,
      inFlight: native.inFlight,
      ...(job.protocol === "udp" ? { lost: native.lost } : {}),
      errors: errorsOf(native),
      firstError: native.firstError,
    },
    latency: bucketsOf(native.latency),
    stages: Object.fromEntries(
      Object.entries(native.stages).map(([name, histogram]) => [name, bucketsOf(histogram)]),
    ),
    serverCpuNs: native.serverCpuNs,
    neighboursCpuNs: native.neighboursCpuNs,
    clientCpuNs: job.spin ? null : native.processCpuNs,
    clientBusyShare: began ? Array.from(native.threadCpuNs, (ns) => ns / native.windowNs) : [],
    clientLongestPauseNs: Math.max(0, native.longestPauseNs),
    clientWaitShare:
      native.threadWaitNs.length === 0 ? null : Array.from(native.threadWaitNs, (ns) => ns / native.windowNs),
    scheduled: open ? native.scheduled : null,
    sentInWindow: open ? native.sentInWindow : null,
    edgeInFlight: began && job.loop === "closed" ? native.edgeAreaNs / native.windowNs : null,
    meanInFlight: began ? native.inFlightAreaNs / native.windowNs : null,
    seriesStepSeconds: native.seriesStepNs / 1e9,
    series: cumulative(native.series),
  };
}
