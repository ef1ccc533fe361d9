/**
 * The one-sample test of Kolmogorov and Smirnov: whether what was seen follows the distribution that was expected. It
 * looks at the largest distance between the two cumulative distributions, so a drift, a step and a gap all show.
 */

/** The series below converges so fast that later terms vanish in a double, for the arguments that are summed. */
const TERMS = 100;
/** Below this the sum converges slowly, and the probability is 1 to ten digits. */
const SURELY_BELOW = 0.2;

/**
 * The largest distance, 0 to 1, between the share of all observations that came by each moment and the share that was
 * expected by then. `seen` counts observations cumulatively and ends with all of them, at least one; `expected` holds
 * the expected shares at the same moments.
 */
export function kolmogorovDistance(seen: readonly number[], expected: readonly number[]): number {
  const total = seen.at(-1);
  if (total === undefined || !(total > 0)) throw new RangeError("There must be at least one observation.");
  if (seen.length !== expected.length)
    throw new RangeError(`${seen.length} moments were seen, but ${expected.length} expected.`);
  return Math.max(...seen.map((count, index) => Math.abs(count / total - (expected[index] as number))));
}

/** The limiting distribution of Kolmogorov: how probable it is that the distance times √n exceeds `x` by chance. */
export function kolmogorovTail(x: number): number {
  if (x < SURELY_BELOW) return 1;
  let sum = 0;
  for (let k = 1; k <= TERMS; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}

/**
 * The distance that `observations` independent ones exceed with probability `level` by chance alone, with the
 * correction of Stephens (1970) for small numbers. May be above 1 for very few, where no distance is conclusive.
 */
export function kolmogorovCritical(observations: number, level: number): number {
  let low = SURELY_BELOW;
  let high = 10;
  // Halving 60 times leaves less than a double can resolve.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (kolmogorovTail(middle) > level) low = middle;
    else high = middle;
  }
  const root = Math.sqrt(observations);
  return low / (root + 0.12 + 0.11 / root);
}
