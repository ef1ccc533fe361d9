/** How slices of load become one load, one after the other or beside each other: sums, and merged histograms. */
import { createHistogram, encodeHistogram, percentilesOf } from "../../results/histogram.ts";
import { sumObserved } from "../../statistics/observed.ts";
import {
  ERROR_CLASSES,
  type Accounting,
  type AgentSeen,
  type Distribution,
  type LoadResult,
} from "../../results/run.ts";
import type { Buckets, SliceLoad } from "../../results/slice-load.ts";

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
    ...(first.agents === undefined ? {} : { agents: agentsOf(slices) }),
  };
}

/**
 * Shards of one load, which ran at the same time, as the slice of one generator that has the threads of all. Throws a
 * RangeError when there is none.
 */
export function mergeShards(shards: readonly SliceLoad[]): SliceLoad {
  const [first] = shards;
  if (first === undefined) throw new RangeError("There are no shards to merge.");
  const sum = (pick: (shard: SliceLoad) => number | null): number | null => sumObserved(shards.map(pick));
  const stageNames = [...new Set(shards.flatMap(({ stages }) => Object.keys(stages)))];
  const waits = shards.map(({ clientWaitShare }) => clientWaitShare);
  return {
    startedNs: Math.max(...shards.map(({ startedNs }) => startedNs)),
    windowSeconds: Math.max(...shards.map(({ windowSeconds }) => windowSeconds)),
    operations: total(shards.map(({ operations }) => operations)),
    accounting: mergeAccounting(shards.map(({ accounting }) => accounting)),
    latency: together(shards.map(({ latency }) => latency)),
    stages: Object.fromEntries(
      stageNames.map((name) => [name, together(shards.flatMap(({ stages }) => stages[name] ?? []))]),
    ),
    serverCpuNs: sum(({ serverCpuNs }) => serverCpuNs),
    neighboursCpuNs: sum(({ neighboursCpuNs }) => neighboursCpuNs),
    clientCpuNs: sum(({ clientCpuNs }) => clientCpuNs),
    clientBusyShare: shards.flatMap(({ clientBusyShare }) => clientBusyShare),
    clientWaitShare: waits.includes(null) ? null : waits.flatMap((shares) => shares ?? []),
    clientLongestPauseNs: Math.max(...shards.map(({ clientLongestPauseNs }) => clientLongestPauseNs)),
    scheduled: sum(({ scheduled }) => scheduled),
    sentInWindow: sum(({ sentInWindow }) => sentInWindow),
    edgeInFlight: sum(({ edgeInFlight }) => edgeInFlight),
    meanInFlight: sum(({ meanInFlight }) => meanInFlight),
    seriesStepSeconds: first.seriesStepSeconds,
    series: addUp(shards.map(({ series }) => series)),
  };
}

/** The same load with a series of at most so many points, each of which then stands for several. */
export function coarser(load: SliceLoad, mostPoints: number): SliceLoad {
  const step = Math.ceil(load.series.length / mostPoints);
  if (step <= 1) return load;
  const last = load.series.length - 1;
  return {
    ...load,
    seriesStepSeconds: load.seriesStepSeconds * step,
    series: load.series.filter((_, place) => (place + 1) % step === 0 || place === last),
  };
}

/** All durations in one place; the same bucket may occur more than once. */
function together(parts: readonly Buckets[]): Buckets {
  return {
    count: total(parts.map(({ count }) => count)),
    sumNs: total(parts.map(({ sumNs }) => sumNs)),
    maxNs: Math.max(0, ...parts.map(({ maxNs }) => maxNs)),
    pairs: parts.flatMap(({ pairs }) => pairs),
  };
}

/** Each machine over all slices: the worst of what it did wrong. */
function agentsOf(slices: readonly SliceLoad[]): AgentSeen[] {
  const all = Map.groupBy(
    slices.flatMap(({ agents = [] }) => agents),
    ({ name }) => name,
  );
  return [...all].map(([name, seen]) => ({
    name,
    operations: total(seen.map(({ operations }) => operations)),
    busyShare: worst(seen.map(({ busyShare }) => busyShare)),
    startErrorNs: worst(seen.map(({ startErrorNs }) => startErrorNs)),
    clockErrorNs: worst(seen.map(({ clockErrorNs }) => clockErrorNs)),
    lost: seen.find(({ lost }) => lost !== null)?.lost ?? null,
  }));
}

/** The one that is furthest from 0; null when none was observed. */
function worst(values: readonly (number | null)[]): number | null {
  const observed = values.filter((value) => value !== null);
  return observed.length === 0 ? null : observed.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
}

/** The distribution of all durations, or null when there are none. */
export function distributionOf(
  parts: readonly (Omit<Buckets, "pairs"> & { pairs: ArrayLike<number> })[],
): Distribution | null {
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

/** Cumulative series beside each other; one that is shorter stays at its end. */
function addUp(series: readonly (readonly number[])[]): number[] {
  const length = Math.max(...series.map((points) => points.length));
  return Array.from({ length }, (_, step) =>
    total(series.map((points) => points[step] ?? points.at(-1) ?? 0)),
  );
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
