/** Slices of load as one load: nothing is lost, and what holds on average weighs as much as its slice is long. */
import { expect, test } from "vitest";
import { mergeSlices, type SliceLoad } from "../../../harness/children/generator/slice-load.ts";
import { ERROR_CLASSES } from "../../../harness/results/run.ts";

function slice(change: Partial<SliceLoad> = {}): SliceLoad {
  const errors = Object.fromEntries(
    ERROR_CLASSES.map((name) => [name, 0]),
  ) as SliceLoad["accounting"]["errors"];
  return {
    windowSeconds: 1,
    operations: 10,
    accounting: { sent: 12, ok: 12, inFlight: 0, errors, firstError: null },
    latency: { count: 10, sumNs: 1000, maxNs: 100, pairs: [100, 10] },
    stages: {},
    serverCpuNs: 500,
    neighboursCpuNs: null,
    clientCpuNs: 300,
    clientBusyShare: [0.5],
    clientWaitShare: [0.1],
    clientLongestPauseNs: 5,
    scheduled: null,
    sentInWindow: null,
    edgeInFlight: 1,
    meanInFlight: 4,
    seriesStepSeconds: 0.5,
    series: [4, 10],
    ...change,
  };
}

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
