/**
 * How many times more one thing is than another, with an interval. Ratios are taken on the logarithm, so that twice as
 * much and half as much are equally far from equal, and swapping the two turns the interval exactly upside down.
 */
import { mean, meanInterval, standardDeviation, studentQuantile95, type Interval } from "./student.ts";

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

/**
 * Head over base where nothing pairs them, as in two runs: the quotient of the geometric means with Welch's 95 % interval,
 * which lets both sides spread differently. Its degrees of freedom are rounded down, so that the interval is rather too wide.
 * Null when a side has fewer than two values, whose spread was not seen. Throws a RangeError for a number that is not
 * above 0. Source: B. L. Welch, "The generalization of Student's problem when several different population variances are
 * involved", Biometrika 34 (1947).
 */
export function independentRatio(base: readonly number[], head: readonly number[]): Interval | null {
  const sides = [logarithms(base), logarithms(head)] as const;
  const [baseError, headError] = sides.map(squaredStandardError) as [number | null, number | null];
  if (baseError === null || headError === null) return null;
  const difference = mean(sides[1]) - mean(sides[0]);
  const error = baseError + headError;
  const freedom = error ** 2 / (baseError ** 2 / (base.length - 1) + headError ** 2 / (head.length - 1));
  // Values without any spread leave 0 / 0, and an interval of no width whatever the quantile.
  const quantile = studentQuantile95(Number.isNaN(freedom) ? base.length : Math.max(1, Math.floor(freedom)));
  const margin = quantile * Math.sqrt(error);
  return {
    value: Math.exp(difference),
    low: Math.exp(difference - margin),
    high: Math.exp(difference + margin),
  };
}

function squaredStandardError(values: readonly number[]): number | null {
  const deviation = standardDeviation(values);
  return deviation === null ? null : deviation ** 2 / values.length;
}

function logarithms(values: readonly number[]): number[] {
  return values.map((value) => {
    if (!(value > 0)) throw new RangeError(`A ratio needs numbers above 0, and ${value} is among them.`);
    return Math.log(value);
  });
}
