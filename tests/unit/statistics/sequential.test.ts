import { describe, expect, test } from "vitest";
import { createRandom, type Random } from "../../../harness/statistics/random.ts";
import {
  lookAt,
  lookCounts,
  LOOKS,
  pooledSpread,
  smallestVisible,
  type Outcome,
} from "../../../harness/statistics/sequential.ts";

import { mean } from "../../../harness/statistics/student.ts";

const MARGINS = { ignorable: Math.log(1.02), mustCatch: Math.log(1.05) };
const TRIALS = 4000;

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** How whole gates end, when the first look that is not open ends them: shares of all trials. */
function outcomes(difference: number, spread: number, most: number): Record<Outcome, number> {
  const random = createRandom(Math.round(1e6 * (difference + spread)) + most);
  const shares = { worse: 0, fine: 0, open: 0 };
  const counts = lookCounts(most);
  for (let trial = 0; trial < TRIALS; trial++) {
    const values: number[] = [];
    let outcome: Outcome = "open";
    for (let look = 0; look < LOOKS.length && outcome === "open"; look++) {
      while (values.length < (counts[look] ?? 0)) values.push(difference + spread * normal(random));
      ({ outcome } = lookAt(values, look, MARGINS));
    }
    shares[outcome] += 1 / TRIALS;
  }
  return shares;
}

describe("looks", () => {
  test("come after quarters of the most values", () => {
    expect(lookCounts(40)).toEqual([10, 20, 30, 40]);
  });

  test("need two values each", () => {
    expect(() => lookCounts(6)).toThrow(/at least 8/);
    expect(() => lookAt([1], 0, MARGINS)).toThrow(RangeError);
    expect(() => lookAt([1, 2, 3], 4, MARGINS)).toThrow(/no look 4/);
  });

  test("are Student's at the error of their normal deviate", () => {
    const { estimate, low, high } = lookAt([1, 2, 3, 4], 3, MARGINS);
    expect(estimate).toBe(2.5);
    expect(high - estimate).toBeCloseTo(estimate - low, 12);
    // The standard error of these values, and Student's distribution of three degrees of freedom in its closed form.
    const x = (high - estimate) / Math.sqrt(5 / 3 / 4) / Math.sqrt(3);
    expect(0.5 + (x / (1 + x ** 2) + Math.atan(x)) / Math.PI).toBeCloseTo(0.957284, 5);
  });
});

describe("over all looks", () => {
  test("a difference that may be ignored is called worse in at most 5 % of gates, however much blocks spread", () => {
    for (const spread of [0.005, 0.02, 0.06])
      expect(outcomes(MARGINS.ignorable, spread, 40).worse).toBeLessThan(0.06);
  });

  test("one that must be caught is called fine in at most 5 % of gates", () => {
    for (const spread of [0.005, 0.02, 0.06])
      expect(outcomes(MARGINS.mustCatch, spread, 40).fine).toBeLessThan(0.06);
  });

  test("no difference is called worse in fewer than 1 of 100 gates", () => {
    for (const spread of [0.01, 0.02, 0.03]) expect(outcomes(0, spread, 40).worse).toBeLessThan(0.01);
  });

  test("5 % are caught in 95 of 100 gates where blocks spread by 4 %", () => {
    expect(outcomes(MARGINS.mustCatch, 0.04, 40).worse).toBeGreaterThan(0.95);
  });

  test("20 % are caught at the first look where blocks spread by 4 %", () => {
    const random = createRandom(20);
    let caught = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const values = Array.from({ length: 10 }, () => Math.log(1.2) + 0.04 * normal(random));
      if (lookAt(values, 0, MARGINS).outcome === "worse") caught += 1;
    }
    expect(caught).toBeGreaterThan(950);
  });
});

test.each([
  [0, 10],
  [3, 40],
])(
  "the smallest visible difference of look %i is the one that it catches in about 95 of 100 cases",
  (look, count) => {
    const spread = 0.04;
    // As many values as spread exactly so, around nothing.
    const typical = Array.from(
      { length: count },
      (_, index) => spread * Math.sqrt(1 - 1 / count) * (-1) ** index,
    );
    const visible = smallestVisible(MARGINS.ignorable, lookAt(typical, look, MARGINS));
    const random = createRandom(3);
    let caught = 0;
    for (let trial = 0; trial < TRIALS; trial++) {
      const values = Array.from({ length: count }, () => visible + spread * normal(random));
      if (lookAt(values, look, MARGINS).outcome === "worse") caught += 1 / TRIALS;
    }
    // The spread of few values is itself uncertain.
    expect(caught).toBeGreaterThan(0.85);
    expect(caught).toBeLessThan(0.98);
  },
);

describe("a spread that several lists of differences to one value tell together", () => {
  const alike = [
    [1, 2, 3, 4],
    [2, 4, 6, 8],
    [1, 2, 3, 4],
  ];

  test("is that of the mean variance, with as much freedom as two independent lists have", () => {
    const { standardDeviation, freedom } = pooledSpread(alike);
    expect(standardDeviation).toBeCloseTo(Math.sqrt((5 / 3 + 20 / 3 + 5 / 3) / 3));
    expect(freedom).toBe(6);
  });

  test("has the freedom that simulated differences to one value show", () => {
    const random = createRandom(4);
    const variances = Array.from({ length: 4000 }, () => {
      const base = Array.from({ length: 10 }, () => normal(random));
      const lists = [0, 1, 2].map(() => base.map((one) => normal(random) - one));
      return pooledSpread(lists).standardDeviation ** 2;
    });
    const centre = mean(variances);
    const spread = mean(variances.map((one) => (one - centre) ** 2));
    // A variance with f degrees of freedom has a relative variance of 2 / f.
    expect((2 * centre ** 2) / spread).toBeGreaterThan(16);
    expect((2 * centre ** 2) / spread).toBeLessThan(20);
  });

  test("needs lists of the same length", () => {
    expect(() => pooledSpread([[1, 2], [1]])).toThrow(RangeError);
    expect(() => pooledSpread([[1], [1]])).toThrow(RangeError);
  });
});
