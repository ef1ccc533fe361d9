import { describe, expect, test } from "vitest";
import { createRandom } from "../../../harness/statistics/random.ts";
import { pairedRatio } from "../../../harness/statistics/ratio.ts";

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
