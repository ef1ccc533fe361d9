import { describe, expect, test } from "vitest";
import { createRandom, type Random } from "../../../harness/statistics/random.ts";
import { meanInterval, standardDeviation, studentQuantile95 } from "../../../harness/statistics/student.ts";

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

describe("the interval of a mean", () => {
  test("follows the textbook for four values", () => {
    // Mean 5, standard deviation 2.58, standard error 1.29, t of three degrees of freedom 3.182.
    const interval = meanInterval([2, 4, 6, 8]);
    expect(interval?.value).toBe(5);
    expect(interval?.low).toBeCloseTo(5 - 3.182 * 1.291, 2);
    expect(interval?.high).toBeCloseTo(5 + 3.182 * 1.291, 2);
  });

  test("is not known from one value", () => {
    expect(meanInterval([7])).toBeNull();
  });

  test.each([3, 5, 10])("of %i values holds the true mean in about 95 % of runs", (count) => {
    const random = createRandom(count);
    const runs = 4000;
    let held = 0;
    for (let run = 0; run < runs; run++) {
      const interval = meanInterval(Array.from({ length: count }, () => 3 + normal(random)));
      if (interval && interval.low <= 3 && interval.high >= 3) held += 1;
    }
    expect(held / runs).toBeGreaterThan(0.93);
    expect(held / runs).toBeLessThan(0.97);
  });
});

test("a standard deviation divides by one less than the number of values", () => {
  expect(standardDeviation([1, 3])).toBeCloseTo(Math.SQRT2);
  expect(standardDeviation([1])).toBeNull();
});

test("a quantile needs a degree of freedom", () => {
  expect(() => studentQuantile95(0)).toThrow("at least one degree of freedom");
});
