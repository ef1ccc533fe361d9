import { describe, expect, test } from "vitest";
import { createRandom } from "../../../harness/statistics/random.ts";
import { independentRatio, pairedRatio } from "../../../harness/statistics/ratio.ts";

describe("a paired ratio", () => {
  test("is exact when every generation has the same ratio, however much generations differ", () => {
    const { value, low, high } = pairedRatio([1, 10, 100, 1000, 10_000], [2, 20, 200, 2000, 20_000]);
    for (const one of [value, low, high]) expect(one).toBeCloseTo(2, 12);
  });

  test("turns upside down when the sides are swapped", () => {
    const [base, head] = [
      [3, 5, 4, 6, 5],
      [7, 6, 9, 8, 7],
    ];
    const forth = pairedRatio(base, head);
    const back = pairedRatio(head, base);
    expect(back.value).toBeCloseTo(1 / forth.value, 12);
    expect(back.low).toBeCloseTo(1 / forth.high, 12);
    expect(back.high).toBeCloseTo(1 / forth.low, 12);
  });

  test("refuses sides of different length", () => {
    expect(() => pairedRatio([1, 2], [1, 2, 3])).toThrow(/2 and 3/);
  });

  test("refuses what has no logarithm", () => {
    expect(() => pairedRatio([1, 0], [1, 2])).toThrow(/above 0/);
  });

  test("of identical servers holds 1 in about 95 of 100 runs", () => {
    const random = createRandom(8);
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    // The machine's speed differs from generation to generation by far more than the servers do.
    const runs = Array.from({ length: 2000 }, () => {
      const speeds = Array.from({ length: 4 }, () => Math.exp(0.4 * normal()));
      const side = (): number[] => speeds.map((speed) => speed * Math.exp(0.02 * normal()));
      return pairedRatio(side(), side());
    });
    const covered = runs.filter(({ low, high }) => low <= 1 && 1 <= high).length / runs.length;
    expect(covered).toBeGreaterThan(0.93);
    expect(covered).toBeLessThan(0.97);
  });

  test("of one pair has no width", () => {
    const { value, low, high } = pairedRatio([4], [6]);
    for (const one of [value, low, high]) expect(one).toBeCloseTo(1.5, 12);
  });
});

describe("a ratio of independent values", () => {
  test("is what Welch's interval is on the logarithms", () => {
    // Worked out by hand: logarithms 0, 1, 2 and 1, 3, 5, 7; means 1 and 4; squared errors 1/3 and 5/3, so 2;
    // degrees of freedom 4 / ((1/9)/2 + (25/9)/3) = 4.08, so t of four is 2.776.
    const interval = independentRatio([0, 1, 2].map(Math.exp), [1, 3, 5, 7].map(Math.exp));
    expect(Math.log(interval?.value ?? 0)).toBeCloseTo(3, 12);
    expect(Math.log(interval?.low ?? 0)).toBeCloseTo(3 - 2.776 * Math.SQRT2, 12);
    expect(Math.log(interval?.high ?? 0)).toBeCloseTo(3 + 2.776 * Math.SQRT2, 12);
  });

  test("needs two values on each side", () => {
    expect(independentRatio([1], [1, 2])).toBeNull();
    expect(independentRatio([1, 2], [1])).toBeNull();
  });

  test("of values without spread has an interval of no width", () => {
    const { value, low, high } = independentRatio([2, 2], [3, 3, 3]) ?? {};
    for (const one of [value, low, high]) expect(one).toBeCloseTo(1.5, 12);
  });

  test("holds the true ratio in at least 95 of 100 runs, though one side spreads more and has fewer values", () => {
    const random = createRandom(11);
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    const side = (count: number, spread: number): number[] =>
      Array.from({ length: count }, () => Math.exp(spread * normal()));
    const runs = Array.from({ length: 4000 }, () => independentRatio(side(3, 0.1), side(6, 0.02)));
    const held = runs.filter((one) => one !== null && one.low <= 1 && one.high >= 1).length / runs.length;
    expect(held).toBeGreaterThan(0.94);
  });
});
