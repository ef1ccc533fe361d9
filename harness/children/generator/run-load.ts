/**
 * Runs one load with the native generator and describes what it observed. JavaScript's thread sleeps meanwhile.
 */
import { addon, type NativeResult } from "../../../native/index.ts";
import { ERROR_CLASSES, type Distribution, type ErrorClass, type LoadResult } from "../../results/run.ts";
import { createCounters, type CounterPage } from "./live-counters.ts";
import { distributionOf } from "../../results/histogram.ts";
import { nativeJob, validateJob, type LoadJob } from "./job.ts";

function errorsOf(native: NativeResult): Record<ErrorClass, number> {
  const entries = ERROR_CLASSES.map((name) => {
    const count = native.errors[name];
    if (count === undefined)
      throw new Error(`The native addon does not count '${name}' errors; build it again.`);
    return [name, count] as const;
  });
  return Object.fromEntries(entries) as Record<ErrorClass, number>;
}

function stagesOf(native: NativeResult): Record<string, Distribution> {
  const stages: Record<string, Distribution> = {};
  for (const [name, histogram] of Object.entries(native.stages)) {
    const distribution = distributionOf(histogram);
    if (distribution !== null) stages[name] = distribution;
  }
  return stages;
}

function cumulative(counts: Float64Array): number[] {
  let total = 0;
  return Array.from(counts, (count) => (total += count));
}

function describe(job: LoadJob, native: NativeResult): LoadResult {
  const open = job.loop === "open";
  const began = native.windowNs > 0;
  return {
    windowSeconds: native.windowNs / 1e9,
    operations: native.operations,
    accounting: {
      sent: native.sent,
      ok: native.ok,
      inFlight: native.inFlight,
      errors: errorsOf(native),
      firstError: native.firstError,
    },
    latency: distributionOf(native.latency),
    stages: stagesOf(native),
    serverCpuNs: native.serverCpuNs,
    clientCpuNs: job.spin ? null : native.processCpuNs,
    clientBusyShare: began ? Array.from(native.threadCpuNs, (ns) => ns / native.windowNs) : [],
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

/**
 * Runs a job in this process and resolves with what was observed, also when the server failed: the accounting then
 * says how. Rejects with a RangeError for an invalid job, and with an Error when the generator itself cannot work.
 * `counters` is where the live counters go; a page of its own unless given.
 */
export async function runLoad(job: LoadJob, counters: CounterPage = createCounters()): Promise<LoadResult> {
  validateJob(job);
  return describe(job, await addon.loadgen.run(nativeJob(job), counters.page));
}
