/**
 * Ranks that do not claim more than the intervals show.
 *
 * The rule: items whose intervals overlap share a rank, directly or through a chain of others. So one item ranks
 * before another only when their intervals are disjoint, and no two overlapping intervals ever get different ranks.
 * A tie must be handed on like this, or it would contradict itself: with A over C disjoint and B overlapping both,
 * "A ties B, B ties C, A beats C" is no order. The price is that a wide interval can tie two that are clearly apart;
 * more rounds make it narrow.
 */

export interface Rankable {
  low: number;
  /** Infinity when the value is only known to be at least `low`. */
  high: number;
}

export interface Rank {
  /** 1 for the best; the next rank after two tied firsts is 3. */
  rank: number;
  tied: boolean;
}

/** The rank of each item, in the order given. Intervals that only touch overlap. */
export function rank(items: readonly Rankable[], best: "highest" | "lowest"): Rank[] {
  // Mirroring turns "lowest is best" into "highest is best", so that one sweep serves both.
  const spans = items.map(({ low, high }, index) =>
    best === "highest" ? { index, bottom: low, top: high } : { index, bottom: -high, top: -low },
  );
  spans.sort((left, right) => right.top - left.top || right.bottom - left.bottom);

  const ranks = new Array<Rank>(items.length);
  let first = 0;
  while (first < spans.length) {
    let next = first;
    let bottom = Infinity;
    while (next < spans.length && (next === first || (spans[next] as { top: number }).top >= bottom)) {
      bottom = Math.min(bottom, (spans[next] as { bottom: number }).bottom);
      next++;
    }
    for (const { index } of spans.slice(first, next))
      ranks[index] = { rank: first + 1, tied: next - first > 1 };
    first = next;
  }
  return ranks;
}
