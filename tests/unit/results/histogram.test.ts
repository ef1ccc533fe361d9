/** The native histogram against hdr-histogram-js, value by value. */
import { describe, expect, test } from "vitest";

import { createHistogram, decodeHistogram, mergeDistributions } from "../../../harness/results/histogram.ts";
import { distributionOf } from "../../../harness/children/generator/slice-load.ts";
import type { Distribution } from "../../../harness/results/run.ts";
import { nativeGenerator } from "../../../harness/children/generator/native-generator.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

const HOUR_NS = 3600e9;

/** Whole nanoseconds from 1 to an hour, spread evenly over the orders of magnitude. */
function randomDurations(count: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => Math.max(1, Math.floor(HOUR_NS ** random.next())));
}

function distribution(values: Float64Array): Distribution {
  const result = distributionOf([nativeGenerator.histogramOf(values)]);
  if (result === null) throw new Error("The histogram is empty.");
  return result;
}

function lowestOfBucket(value: number): number {
  const reference = createHistogram();
  reference.recordValue(value);
  return reference.getValueAtPercentile(0);
}

describe.each([1, 2, 3])("seed %i", (seed) => {
  const values = randomDurations(20_000, seed);

  test("every percentile equals that of hdr-histogram-js", () => {
    const reference = createHistogram();
    for (const value of values) reference.recordValue(value);
    const ours = decodeHistogram(distribution(values).histogram);
    for (let percentile = 0; percentile <= 100; percentile += 0.1)
      expect(ours.getValueAtPercentile(percentile)).toBe(reference.getValueAtPercentile(percentile));
  });

  test("count and mean are exact", () => {
    const result = distribution(values);
    expect(result.count).toBe(values.length);
    expect(result.meanNs).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 3);
  });

  test("merged halves equal the whole", () => {
    const half = values.length / 2;
    const merged = mergeDistributions([
      distribution(values.subarray(0, half)),
      distribution(values.subarray(half)),
    ]);
    const whole = distribution(values);
    expect(merged.latencyNs).toEqual(whole.latencyNs);
    expect(merged.count).toBe(whole.count);
    expect(merged.meanNs / whole.meanNs).toBeCloseTo(1, 12);
  });
});

test("the edges of the buckets fall where hdr-histogram-js has them", () => {
  for (let power = 0; power < 41; power++) {
    for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
      const expected = lowestOfBucket(Math.max(1, value));
      expect([...nativeGenerator.histogramOf(Float64Array.of(value)).pairs]).toEqual([expected, 1]);
    }
  }
});

test("values outside the range count at its ends", () => {
  const { pairs, minNs, maxNs } = nativeGenerator.histogramOf(Float64Array.of(0, -5, 2 * HOUR_NS));
  expect([minNs, maxNs]).toEqual([1, HOUR_NS]);
  expect([...pairs]).toEqual([1, 2, lowestOfBucket(HOUR_NS), 1]);
});

test("an empty histogram is no distribution", () => {
  expect(distributionOf([nativeGenerator.histogramOf(new Float64Array(0))])).toBeNull();
});

test("merging nothing is refused in words", () => {
  expect(() => mergeDistributions([])).toThrow(/no observations/);
});
