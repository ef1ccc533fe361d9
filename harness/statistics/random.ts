/**
 * A small seeded random number generator (sfc32), so that a run's order of cells and every simulated number in a test
 * can be had again from the recorded seed. It is no source of secrets.
 */

export interface Random {
  /** The next number, evenly spread over [0, 1), in steps of 2^-32. */
  next(): number;
  /** The next whole number, evenly spread over 0 … bound - 1. Throws a RangeError unless bound is 1 … 2^32. */
  below(bound: number): number;
  /** A new array with the same items in random order; the given one stays as it is. */
  shuffle<Item>(items: readonly Item[]): Item[];
}

const TWO_32 = 2 ** 32;

/** A generator that gives the same numbers for the same seed, a whole number from 0 to 2^53 - 1. */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`A seed is a whole number from 0 to 2^53 - 1, and ${seed} is not.`);
  }
  let a = (seed % TWO_32) | 0;
  let b = Math.floor(seed / TWO_32) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;

  function nextBits(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  }

  // Seeds that differ in one bit start out alike; a dozen rounds are enough to spread the difference over the state.
  for (let round = 0; round < 16; round++) nextBits();

  function below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > TWO_32) {
      throw new RangeError(
        `The bound of a random number is a whole number from 1 to 2^32, and ${bound} is not.`,
      );
    }
    // The top of the range that is no whole multiple of the bound would favour small numbers, so it is drawn again.
    const fair = TWO_32 - (TWO_32 % bound);
    let bits = nextBits();
    while (bits >= fair) bits = nextBits();
    return bits % bound;
  }

  function shuffle<Item>(items: readonly Item[]): Item[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const chosen = below(last + 1);
      const moved = shuffled[last] as Item;
      shuffled[last] = shuffled[chosen] as Item;
      shuffled[chosen] = moved;
    }
    return shuffled;
  }

  return { next: () => nextBits() / TWO_32, below, shuffle };
}
