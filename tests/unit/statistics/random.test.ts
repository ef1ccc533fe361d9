import { describe, expect, test } from "vitest";
import { createRandom } from "../../../harness/statistics/random.ts";

function take(seed: number, count: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.next());
}

describe("random", () => {
  test("the same seed gives the same numbers", () => {
    expect(take(7, 50)).toEqual(take(7, 50));
  });

  test("seeds that differ only above 32 bits give different numbers", () => {
    expect(take(7, 5)).not.toEqual(take(7 + 2 ** 32, 5));
  });

  test("neighbouring seeds give unrelated numbers", () => {
    const [left, right] = [take(1, 2000), take(2, 2000)];
    const products = left.map((value, index) => (value - 0.5) * ((right[index] ?? 0) - 0.5));
    const correlation = (12 * products.reduce((sum, value) => sum + value, 0)) / products.length;
    expect(Math.abs(correlation)).toBeLessThan(0.1);
  });

  test("numbers are spread evenly over 0 to 1", () => {
    const counts = new Array<number>(10).fill(0);
    for (const value of take(3, 20_000)) counts[Math.floor(value * 10)]! += 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 9 degrees of freedom, one in a thousand
  });

  test("below gives every number of a range and none beyond it", () => {
    const random = createRandom(5);
    const seen = new Set(Array.from({ length: 500 }, () => random.below(6)));
    expect([...seen].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("a shuffle keeps the items and leaves the given array alone", () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const shuffled = createRandom(9).shuffle(items);
    expect(shuffled.toSorted()).toEqual(items);
    expect(items).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(shuffled).not.toEqual(items);
  });

  test("a shuffle gives every order equally often", () => {
    const random = createRandom(11);
    const counts = new Map<string, number>();
    for (let trial = 0; trial < 6000; trial++) {
      const order = random.shuffle(["a", "b", "c"]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(counts.size).toBe(6);
    expect(chiSquare).toBeLessThan(20.5); // 5 degrees of freedom, one in a thousand
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53])("%d is refused as a seed", (seed) => {
    expect(() => createRandom(seed)).toThrow(/seed is a whole number/);
  });
});
