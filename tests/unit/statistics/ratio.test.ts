import { describe, expect, test } from "vitest";
import { createRandom } from "../../../harness/statistics/random.ts";
import { independentRatio, pairedRatio } from "../../../harness/statistics/ratio.ts";

describe("a ratio paired over rounds", () => {
  test("is exact when every round has the same ratio, however much rounds differ", () => {
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
    expect(() => pairedRatio([1, 2], [1, 2, 3])).toThrow(/2 and 3; use independentRatio/);
  });

  test("refuses what has no logarithm", () => {
    expect(() => pairedRatio([1, 0], [1, 2])).toThrow(/above 0/);
  });
});

describe("a ratio of unrelated rounds", () => {
  test("is the ratio of the medians", () => {
    expect(independentRatio([1, 2, 3], [2, 4, 100]).value).toBeCloseTo(2, 12);
  });

  test("reaches from worst over best to best over worst when there are few rounds", () => {
    const { low, high } = independentRatio([2, 4], [8, 16]);
    expect(low).toBeCloseTo(2, 12);
    expect(high).toBeCloseTo(8, 12);
  });

  test("takes sides of different length", () => {
    expect(independentRatio([5, 5, 5], [10, 10, 10, 10]).low).toBeCloseTo(2, 12);
  });

  test("covers a true ratio of 1 in about 95 % of runs", () => {
    const random = createRandom(8);
    const rounds = () => Array.from({ length: 15 }, () => Math.exp(random.next()));
    const covered = Array.from({ length: 1500 }, () => independentRatio(rounds(), rounds())).filter(
      ({ low, high }) => low <= 1 && 1 <= high,
    ).length;
    expect(covered / 1500).toBeGreaterThan(0.92);
    expect(covered / 1500).toBeLessThan(0.995);
  });
});
