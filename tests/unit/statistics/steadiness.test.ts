/** Whether a series of costs shows that a server was still warming up. */
import { describe, expect, test } from "vitest";
import { areHelpersBusy, fallOf, isFalling, warmupOf } from "../../../harness/statistics/steadiness.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

/** `length` costs around what `cost` says of each place, with this much noise. */
function costs(length: number, cost: (index: number) => number, noise = 0.05, seed = 3): number[] {
  const random = createRandom(seed);
  return Array.from({ length }, (_, index) => cost(index) * (1 + noise * (2 * random.next() - 1)));
}

describe("a warm-up", () => {
  test("of a server that is always the same has no length", () => {
    expect(warmupOf(costs(60, () => 10))).toBe(0);
  });

  test("ends where the cost has fallen to its level", () => {
    const length = warmupOf(costs(60, (index) => (index < 20 ? 40 : 10)));
    expect(length).toBeGreaterThanOrEqual(20);
    expect(length).toBeLessThan(30);
  });

  test("goes on while the cost falls", () => {
    expect(warmupOf(costs(60, (index) => 40 - index / 2, 0.01))).toBeNull();
  });

  test("is not made longer by a machine that becomes slower", () => {
    expect(warmupOf(costs(60, (index) => (index < 40 ? 10 : 14)))).toBe(0);
  });
});

describe("cycles", () => {
  test("in which a server becomes twice as fast show it", () => {
    expect(isFalling(costs(8, (index) => (index < 4 ? 20 : 10)))).toBe(true);
    expect(fallOf(costs(8, (index) => (index < 4 ? 20 : 10)))).toBeCloseTo(0.5, 1);
  });

  test.each([4, 5, 8, 10])(
    "of which there are %i, and which only scatter, fall three times in a row once in a hundred",
    (length) => {
      const isChance = (seed: number): boolean => isFalling(costs(length, () => 10, 0.3, seed));
      const runs = Array.from({ length: 2000 }, (_, seed) =>
        [0, 2000, 4000].every((offset) => isChance(seed + offset)),
      );
      expect(runs.filter(Boolean).length).toBeLessThanOrEqual(20);
    },
  );

  test.each([4, 5])("of which there are only %i can show a fall", (length) => {
    expect(isFalling(costs(length, (index) => (index < length / 2 - 0.5 ? 20 : 10)))).toBe(true);
  });

  test("of which one is an outlier do not", () => {
    expect(isFalling(costs(8, (index) => (index === 0 ? 90 : 10)))).toBe(false);
  });

  test("that become more expensive do not", () => {
    expect(isFalling(costs(8, (index) => (index < 4 ? 10 : 20)))).toBe(false);
  });
});

test("helpers are busy while they have taken a good share of the CPU and take much less now", () => {
  expect(areHelpersBusy([0.3, 0.3, 0.2, 0.2, 0.01, 0.01])).toBe(true);
  // Collecting garbage goes on for ever.
  expect(areHelpersBusy([0.3, 0.3, 0.2, 0.2, 0.2, 0.2])).toBe(false);
  expect(areHelpersBusy([0.02, 0.02, 0.02, 0.02, 0, 0])).toBe(false);
});
