import { describe, expect, test } from "vitest";
import { rank } from "../../../harness/statistics/ranks.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

const interval = (low: number, high: number) => ({ low, high });

describe("ranks", () => {
  test("disjoint intervals are ranked, highest first", () => {
    expect(rank([interval(1, 2), interval(5, 6), interval(3, 4)], "highest")).toEqual([
      { rank: 3, tied: false },
      { rank: 1, tied: false },
      { rank: 2, tied: false },
    ]);
  });

  test("the lowest can be best", () => {
    const ranks = rank([interval(1, 2), interval(5, 6)], "lowest");
    expect(ranks.map((one) => one.rank)).toEqual([1, 2]);
  });

  test("overlapping intervals share a rank, and the next rank counts them all", () => {
    expect(rank([interval(5, 7), interval(6, 8), interval(1, 2)], "highest")).toEqual([
      { rank: 1, tied: true },
      { rank: 1, tied: true },
      { rank: 3, tied: false },
    ]);
  });

  test("intervals that touch are tied", () => {
    expect(rank([interval(1, 2), interval(2, 3)], "highest").every(({ tied }) => tied)).toBe(true);
  });

  test("a tie is handed on through an interval that overlaps both", () => {
    const ranks = rank([interval(8, 10), interval(5, 8.5), interval(3, 5.5)], "highest");
    expect(ranks.map((one) => one.rank)).toEqual([1, 1, 1]);
  });

  test("a wide interval ties with everything inside it", () => {
    const ranks = rank([interval(1, 10), interval(8, 9), interval(2, 3)], "highest");
    expect(ranks.map((one) => one.rank)).toEqual([1, 1, 1]);
  });

  test("a lower bound ties with whatever lies above it, and beats what lies below", () => {
    const ranks = rank([interval(5, Infinity), interval(8, 9), interval(1, 2)], "highest");
    expect(ranks.map((one) => one.rank)).toEqual([1, 1, 3]);
  });

  test("no two overlapping intervals ever get different ranks", () => {
    const random = createRandom(4);
    for (let trial = 0; trial < 300; trial++) {
      const items = Array.from({ length: 8 }, () => {
        const low = random.next() * 20;
        return interval(low, low + random.next() * 3);
      });
      const ranks = rank(items, trial % 2 === 0 ? "highest" : "lowest");
      for (const [left, a] of items.entries()) {
        for (const [right, b] of items.entries()) {
          if (a.low <= b.high && b.low <= a.high) expect(ranks[left]?.rank).toBe(ranks[right]?.rank);
        }
      }
    }
  });

  test("of nothing are none", () => {
    expect(rank([], "highest")).toEqual([]);
  });
});
