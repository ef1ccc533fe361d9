/** Slices of load as one load: nothing is lost, and what holds on average weighs as much as its slice is long. */
import { expect, test } from "vitest";
import { coarser, mergeShards, mergeSlices } from "../../../harness/children/generator/slice-load.ts";
import { slice } from "../../fixtures/slices.ts";

test("counts and times add up", () => {
  const merged = mergeSlices([slice(), slice({ windowSeconds: 3, operations: 30 })]);
  expect(merged).toMatchObject({ windowSeconds: 4, operations: 40, serverCpuNs: 1000, clientCpuNs: 600 });
  expect(merged.accounting).toMatchObject({ sent: 24, ok: 24, firstError: null });
});

test("averages weigh as much as their slice is long", () => {
  const merged = mergeSlices([slice(), slice({ windowSeconds: 3, clientBusyShare: [0.9], meanInFlight: 8 })]);
  expect(merged.clientBusyShare[0]).toBeCloseTo(0.8, 12);
  expect(merged.meanInFlight).toBeCloseTo(7, 12);
});

test("histograms are merged, so a percentile is that of all requests", () => {
  const slow = { count: 90, sumNs: 90_000, maxNs: 1000, pairs: [1000, 90] };
  const { latency } = mergeSlices([slice(), slice({ latency: slow })]);
  expect(latency).toMatchObject({ count: 100, meanNs: 910 });
  expect(latency?.latencyNs.p50).toBe(1000);
});

test("the series goes on where the slice before ended", () => {
  expect(mergeSlices([slice(), slice()]).series).toEqual([4, 10, 14, 20]);
});

test("the longest pause is the longest of all, and the first error is kept", () => {
  const failed = slice({ clientLongestPauseNs: 70 });
  failed.accounting.firstError = "connection 3: reset";
  const merged = mergeSlices([slice(), failed, slice()]);
  expect(merged.clientLongestPauseNs).toBe(70);
  expect(merged.accounting.firstError).toBe("connection 3: reset");
});

test("what one slice did not observe is not known of all", () => {
  const merged = mergeSlices([slice(), slice({ serverCpuNs: null, clientWaitShare: null })]);
  expect(merged.serverCpuNs).toBeNull();
  expect(merged.clientWaitShare).toBeNull();
});

test("of nothing there is no load", () => {
  expect(() => mergeSlices([])).toThrow(RangeError);
});

test("shards of one load count in the same window, and their durations are those of one load", () => {
  const slow = { count: 90, sumNs: 90_000, maxNs: 1000, pairs: [1000, 90] };
  const merged = mergeShards([slice(), slice({ operations: 30, latency: slow, series: [10, 30, 30] })]);
  expect(merged).toMatchObject({ windowSeconds: 1, operations: 40, meanInFlight: 8, clientCpuNs: 600 });
  expect(merged.series).toEqual([14, 40, 40]);
  expect(merged.clientBusyShare).toEqual([0.5, 0.5]);
  expect(mergeSlices([merged]).latency?.latencyNs.p50).toBe(1000);
});

test("what one shard did not observe is not known of all", () => {
  expect(mergeShards([slice(), slice({ clientWaitShare: null })]).clientWaitShare).toBeNull();
});

test("of each machine the worst is kept, from whichever slice", () => {
  const agent = { name: "a", operations: 5, busyShare: 0.2, startErrorNs: 10, clockErrorNs: 3, lost: null };
  const { agents } = mergeSlices([
    slice({ agents: [{ ...agent, startErrorNs: -40 }] }),
    slice({ agents: [{ ...agent, busyShare: 0.9 }] }),
    slice({ agents: [{ ...agent, operations: 0, busyShare: null, startErrorNs: null, lost: "gone" }] }),
  ]);
  expect(agents).toEqual([
    { name: "a", operations: 10, busyShare: 0.9, startErrorNs: -40, clockErrorNs: 3, lost: "gone" },
  ]);
});

test("a series of fewer points ends where it ended, and says how far apart they are", () => {
  const long = slice({ seriesStepSeconds: 0.01, series: [1, 2, 3, 4, 5, 6, 7] });
  expect(coarser(long, 3)).toMatchObject({ seriesStepSeconds: 0.03, series: [3, 6, 7] });
  expect(coarser(long, 7)).toEqual(long);
});
