/**
 * How many times more one thing is than another, with an interval. Ratios are taken on the logarithm, so that twice as
 * much and half as much are equally far from equal, and swapping the two turns the interval exactly upside down.
 */
import { meanInterval, type Interval } from "./student.ts";

/**
 * Head over base, pair by pair: for two servers of one run, of which each pair was measured in the same slices of time,
 * so that what slowed both cancels out. The arrays hold the same generations in the same order. The value is the
 * geometric mean of the ratios, with the 95 % interval of Student's t; a single pair has an interval of no width. Throws a
 * RangeError when the lengths differ, when there is no pair, or when a number is not above 0.
 */
export function pairedRatio(base: readonly number[], head: readonly number[]): Interval {
  if (base.length !== head.length || base.length === 0) {
    throw new RangeError(
      `A paired ratio needs the same generations on both sides, and there are ${base.length} and ${head.length}.`,
    );
  }
  const baseLogs = logarithms(base);
  const differences = logarithms(head).map((value, pair) => value - (baseLogs[pair] as number));
  const [only = 0] = differences;
  const { value, low, high } = meanInterval(differences) ?? { value: only, low: only, high: only };
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}

function logarithms(values: readonly number[]): number[] {
  return values.map((value) => {
    if (!(value > 0)) throw new RangeError(`A ratio needs numbers above 0, and ${value} is among them.`);
    return Math.log(value);
  });
}
