/** Where a warm-up ends, for series whose end is known. */
import { describe, expect, test } from "vitest";
import { warmupLength } from "../../../harness/statistics/mser.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

function series(length: number, level: (index: number) => number, seed = 1): number[] {
  const random = createRandom(seed);
  return Array.from({ length }, (_, index) => level(index) * (1 + 0.04 * (random.next() - 0.5)));
}

describe("the length of a warm-up", () => {
  test("of a series that is steady from the start is a small part of it", () => {
    const lengths = Array.from({ length: 20 }, (_, seed) => warmupLength(series(100, () => 10, seed + 1)));
    // Chance alone may make a steady series look as if it had settled late; it must be the exception.
    expect(lengths.filter((length) => length === null || length > 25).length).toBeLessThanOrEqual(5);
  });

  test("of a step reaches to the step", () => {
    const length = warmupLength(series(100, (index) => (index < 30 ? 20 : 10)));
    expect(length).toBeGreaterThanOrEqual(30);
    expect(length).toBeLessThan(45);
  });

  test("of a decay reaches to where it is lost in the noise", () => {
    const length = warmupLength(series(200, (index) => 10 + 20 * Math.exp(-index / 10)));
    expect(length).toBeGreaterThanOrEqual(25);
    expect(length).toBeLessThan(90);
  });

  test("is not known while the series still falls", () => {
    expect(warmupLength(series(100, (index) => 30 - index / 5))).toBeNull();
  });

  test("is not known when the step came late", () => {
    expect(warmupLength(series(100, (index) => (index < 70 ? 20 : 10)))).toBeNull();
  });

  test("is not known of less than two batches", () => {
    expect(warmupLength([1, 1, 1, 1, 1, 1])).toBeNull();
  });
});
