/**
 * Where a warm-up ends: the truncation rule of White (1997), the marginal standard error rule. Of all ways to cut values
 * off the beginning, it takes the one that leaves the smallest standard error of the mean of what remains: cutting too
 * little keeps the warm-up's bias in the spread, and cutting too much leaves few values.
 */

/** The rule may keep no smaller part of the series than this unless told otherwise. */
const LEAST_SHARE = 1 / 4;

/**
 * How many values to drop from the beginning. Averages of `batch` neighbours are looked at instead of single values,
 * because the rule is sensitive to single outliers (MSER-5 of White, Cobb and Spratt, 2000). Null when the rule would
 * drop half of the values or more: then the series has not settled, and what it would say of the rest is not reliable.
 */
export function warmupLength(
  values: readonly number[],
  { batch = 5, leastShare = LEAST_SHARE }: { batch?: number; leastShare?: number } = {},
): number | null {
  const means: number[] = [];
  for (let first = 0; first + batch <= values.length; first += batch)
    means.push(values.slice(first, first + batch).reduce((total, value) => total + value, 0) / batch);
  if (means.length < 2) return null;
  let best = { drop: 0, score: Number.POSITIVE_INFINITY };
  let total = 0;
  let squares = 0;
  // From the end, so that the sums of every remainder come from those of the one before.
  for (let drop = means.length - 1; drop >= 0; drop--) {
    const value = means[drop] as number;
    total += value;
    squares += value * value;
    const kept = means.length - drop;
    // A few values can be alike by chance, and the rule would take the last of any series for the steady part.
    if (kept < Math.max(2, means.length * leastShare)) continue;
    const score = Math.max(0, squares - (total * total) / kept) / (kept * kept);
    if (score <= best.score) best = { drop, score };
  }
  return best.drop * 2 >= means.length ? null : best.drop * batch;
}
