/** What the load generator observed in one slice, and how slices become one load: sums, and merged histograms. */
import { createHistogram, encodeHistogram, percentilesOf } from "../../results/histogram.ts";
import { sumObserved } from "../../statistics/observed.ts";
import { ERROR_CLASSES, type Accounting, type Distribution, type LoadResult } from "../../results/run.ts";

/** Durations as the native generator counts them. */
export interface Buckets {
  count: number;
  sumNs: number;
  /** The longest, nanoseconds; 0 when there is none. */
  maxNs: number;
  /** The lowest value of a bucket, nanoseconds, and its count, in turn; empty buckets are left out. */
  pairs: ArrayLike<number>;
}

/** A load whose distributions are not summed up yet, so that slices can be merged or left out. */
export interface SliceLoad extends Omit<
  LoadResult,
  "latency" | "stages" | "search" | "clientLongestPauseNs"
> {
  clientLongestPauseNs: number;
  latency: Buckets;
  stages: Record<string, Buckets>;
}

/** The slices as one load, whose window is as long as theirs together. Throws a RangeError when there is none. */
export function mergeSlices(slices: readonly SliceLoad[]): LoadResult {
  const [first] = slices;
  if (first === undefined) throw new RangeError("There are no slices to merge.");
  const windowSeconds = total(slices.map((slice) => slice.windowSeconds));
  const sum = (pick: (slice: SliceLoad) => number | null): number | null => sumObserved(slices.map(pick));
  // What holds on average over a slice weighs as much as the slice is long.
  const average = (pick: (slice: SliceLoad) => number | null): number | null => {
    const weighted = sumObserved(
      slices.map((slice) => {
        const value = pick(slice);
        return value === null ? null : value * slice.windowSeconds;
      }),
    );
    return weighted === null || windowSeconds === 0 ? null : weighted / windowSeconds;
  };
  const perThread = (pick: (slice: SliceLoad) => readonly number[] | null): number[] | null => {
    const threads = Math.max(...slices.map((slice) => pick(slice)?.length ?? 0));
    const averages = Array.from({ length: threads }, (_, thread) =>
      average((slice) => pick(slice)?.[thread] ?? null),
    );
    return averages.length === 0 || averages.includes(null) ? null : (averages as number[]);
  };
  const stageNames = [...new Set(slices.flatMap(({ stages }) => Object.keys(stages)))];
  const stages = stageNames.flatMap((name) => {
    const merged = distributionOf(slices.flatMap((slice) => slice.stages[name] ?? []));
    return merged === null ? [] : [[name, merged] as const];
  });
  return {
    windowSeconds,
    operations: total(slices.map(({ operations }) => operations)),
    accounting: mergeAccounting(slices.map(({ accounting }) => accounting)),
    latency: distributionOf(slices.map(({ latency }) => latency)),
    stages: Object.fromEntries(stages),
    serverCpuNs: sum(({ serverCpuNs }) => serverCpuNs),
    neighboursCpuNs: sum(({ neighboursCpuNs }) => neighboursCpuNs),
    clientCpuNs: sum(({ clientCpuNs }) => clientCpuNs),
    clientBusyShare: perThread(({ clientBusyShare }) => clientBusyShare) ?? [],
    clientWaitShare: perThread(({ clientWaitShare }) => clientWaitShare),
    clientLongestPauseNs: Math.max(...slices.map(({ clientLongestPauseNs }) => clientLongestPauseNs)),
    scheduled: sum(({ scheduled }) => scheduled),
    sentInWindow: sum(({ sentInWindow }) => sentInWindow),
    edgeInFlight: average(({ edgeInFlight }) => edgeInFlight),
    meanInFlight: average(({ meanInFlight }) => meanInFlight),
    seriesStepSeconds: first.seriesStepSeconds,
    series: chain(slices.map(({ series }) => series)),
  };
}

/** The distribution of all durations, or null when there are none. */
export function distributionOf(parts: readonly Buckets[]): Distribution | null {
  const count = total(parts.map((part) => part.count));
  if (count === 0) return null;
  const histogram = createHistogram();
  for (const { pairs } of parts)
    for (let i = 0; i + 1 < pairs.length; i += 2)
      histogram.recordValueWithCount(pairs[i] ?? 0, pairs[i + 1] ?? 0);
  return {
    count,
    meanNs: total(parts.map(({ sumNs }) => sumNs)) / count,
    latencyNs: percentilesOf(histogram),
    histogram: encodeHistogram(histogram),
  };
}

function mergeAccounting(accounts: readonly Accounting[]): Accounting {
  const errors = ERROR_CLASSES.map((name) => [name, total(accounts.map((one) => one.errors[name]))] as const);
  return {
    sent: total(accounts.map(({ sent }) => sent)),
    ok: total(accounts.map(({ ok }) => ok)),
    inFlight: total(accounts.map(({ inFlight }) => inFlight)),
    ...(accounts.some(({ lost }) => lost !== undefined)
      ? { lost: total(accounts.map(({ lost }) => lost ?? 0)) }
      : {}),
    errors: Object.fromEntries(errors) as Accounting["errors"],
    firstError: accounts.find(({ firstError }) => firstError !== null)?.firstError ?? null,
  };
}

/** Cumulative series one behind the other. */
function chain(series: readonly (readonly number[])[]): number[] {
  let before = 0;
  return series.flatMap((points) => {
    const start = before;
    before += points.at(-1) ?? 0;
    return points.map((point) => start + point);
  });
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
