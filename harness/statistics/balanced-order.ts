/**
 * Orders in which every item takes every place equally often and follows every other one equally often, so that neither
 * the place in a cycle nor what the item before left behind can favour one: the design of Williams (1949).
 */
import type { Random } from "./random.ts";

/**
 * Endless orders of these items, one for each cycle. For an even number of items a set of as many cycles is balanced,
 * for an odd number a set of twice as many; the names are dealt out anew for each set. One item has one order.
 */
export function* balancedOrders<Item>(items: readonly Item[], random: Random): Generator<Item[], never> {
  const rows = williamsRows(items.length);
  for (;;) {
    const dealt = random.shuffle(items);
    for (const row of random.shuffle(rows)) yield row.map((place) => dealt[place] as Item);
  }
}

/** Rows of places 0 … count - 1. */
function williamsRows(count: number): number[][] {
  // 0, 1, count - 1, 2, count - 2, ...: all differences between neighbours occur once.
  const first = Array.from({ length: count }, (_, index) =>
    index % 2 === 1 ? (index + 1) / 2 : (count - index / 2) % count,
  );
  const rows = Array.from({ length: count }, (_, shift) => first.map((place) => (place + shift) % count));
  return count % 2 === 0 || count === 1 ? rows : [...rows, ...rows.map((row) => row.toReversed())];
}
