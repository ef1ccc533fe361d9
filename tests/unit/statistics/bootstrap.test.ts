import { describe, expect, test } from "vitest";
import {
  largestCoverage,
  medianDistribution,
  medianInterval,
} from "../../../harness/statistics/bootstrap.ts";
import { median } from "../../../harness/statistics/median.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

/** The distribution of resampled medians by going through every one of the n^n resamples. */
function enumerate(values: readonly number[]): Map<number, number> {
  const count = values.length;
  const weights = new Map<number, number>();
  for (let code = 0; code < count ** count; code++) {
    const resample: number[] = [];
    for (let rest = code, draw = 0; draw < count; draw++, rest = Math.floor(rest / count)) {
      resample.push(values[rest % count] as number);
    }
    const middle = median(resample);
    weights.set(middle, (weights.get(middle) ?? 0) + 1 / count ** count);
  }
  return weights;
}

describe("the median", () => {
  test("of an odd count is the middle value", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  test("of an even count is the mean of the two in the middle", () => {
    expect(median([9, 1, 5, 2])).toBe(3.5);
  });

  test("of nothing is refused", () => {
    expect(() => median([])).toThrow(/no median of no values/);
  });

  test("of something that is no number is refused", () => {
    expect(() => median([1, Number.NaN])).toThrow(/NaN is among them/);
  });
});

describe("the bootstrap interval of a median", () => {
  test.each([[[3]], [[1, 4]], [[1, 4, 9]], [[1, 4, 9, 11]], [[2, 3, 5, 8, 13]], [[2, 3, 5, 8, 13, 21]]])(
    "has the exact distribution for %j",
    (values) => {
      const exact = enumerate(values);
      const weights = new Map<number, number>();
      for (const { value, weight } of medianDistribution(values)) {
        weights.set(value, (weights.get(value) ?? 0) + weight);
      }
      for (const [value, weight] of exact) expect(weights.get(value)).toBeCloseTo(weight, 12);
      const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
      expect(total).toBeCloseTo(1, 12);
    },
  );

  test("agrees with resampling at random for a larger count", () => {
    const random = createRandom(1);
    const values = Array.from({ length: 20 }, () => random.next());
    const medians = Array.from({ length: 20_000 }, () =>
      median(values.map(() => values[random.below(values.length)] as number)),
    ).toSorted((left, right) => left - right);
    const { low, high } = medianInterval(values);
    expect(low).toBeCloseTo(medians[500] as number, 1);
    expect(high).toBeCloseTo(medians[19_499] as number, 1);
  });

  test("of one round has no width", () => {
    expect(medianInterval([7])).toEqual({ value: 7, low: 7, high: 7 });
  });

  test("of five rounds spans them all", () => {
    expect(medianInterval([5, 1, 4, 2, 3])).toEqual({ value: 3, low: 1, high: 5 });
  });

  test("leaves out the extremes of nine rounds", () => {
    expect(medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 100])).toEqual({ value: 5, low: 2, high: 8 });
  });

  test("mirrors when the values do", () => {
    const values = [1, 2, 4, 8, 16, 32];
    const { low, high } = medianInterval(values);
    const mirrored = medianInterval(values.map((value) => -value));
    expect([mirrored.low, mirrored.high]).toEqual([-high, -low]);
  });

  // A seeded simulation. The bands are four standard errors around what the ends' order statistics imply: the range
  // of 5 rounds covers 93.75 % whatever the distribution is.
  test.each([
    [3, 0.75],
    [5, 0.9375],
  ])("of %i rounds covers the true median as often as it says", (rounds, expected) => {
    const covered = coverage(rounds, 4000);
    expect(largestCoverage(rounds)).toBe(expected);
    expect(Math.abs(covered - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 4000));
  });

  test("of 25 rounds covers the true median in about 95 % of runs", () => {
    const covered = coverage(25, 4000);
    expect(covered).toBeGreaterThan(0.92);
    expect(covered).toBeLessThan(0.98);
  });
});

/** How often the interval holds the true median of a skewed distribution (exponential, median ln 2). */
function coverage(rounds: number, trials: number): number {
  const random = createRandom(rounds);
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { low, high } = medianInterval(Array.from({ length: rounds }, () => -Math.log(1 - random.next())));
    if (low <= Math.LN2 && Math.LN2 <= high) covered++;
  }
  return covered / trials;
}
