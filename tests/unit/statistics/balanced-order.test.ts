/** Every item in every place, and after every other one, equally often. */
import { describe, expect, test } from "vitest";
import { balancedOrders } from "../../../harness/statistics/balanced-order.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

function orders(count: number, cycles: number, seed = 3): number[][] {
  const items = Array.from({ length: count }, (_, index) => index);
  const endless = balancedOrders(items, createRandom(seed));
  return Array.from({ length: cycles }, () => endless.next().value);
}

function countsOf(keys: readonly string[]): number[] {
  return [...Map.groupBy(keys, (key) => key).values()].map((same) => same.length);
}

describe.each([2, 3, 4, 5, 7, 8, 13])("orders of %i items", (count) => {
  const set = orders(count, count % 2 === 0 ? count : 2 * count);

  test("hold every item once", () => {
    for (const order of set)
      expect(order.toSorted((a, b) => a - b)).toEqual(set[0]?.toSorted((a, b) => a - b));
  });

  test("put every item in every place equally often", () => {
    const places = set.flatMap((order) => order.map((item, place) => `${item} at ${place}`));
    expect(new Set(countsOf(places)).size).toBe(1);
    expect(countsOf(places)).toHaveLength(count * count);
  });

  test("let every item follow every other equally often", () => {
    const pairs = set.flatMap((order) =>
      order.slice(1).map((item, index) => `${order[index]} before ${item}`),
    );
    expect(new Set(countsOf(pairs)).size).toBe(1);
    expect(countsOf(pairs)).toHaveLength(count * (count - 1));
  });
});

test("a single item has one order", () => {
  expect(orders(1, 3)).toEqual([[0], [0], [0]]);
});

test("the same seed gives the same orders, another one others", () => {
  expect(orders(5, 20, 7)).toEqual(orders(5, 20, 7));
  expect(orders(5, 20, 7)).not.toEqual(orders(5, 20, 8));
});
