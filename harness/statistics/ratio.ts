/**
 * How many times more one thing is than another, with an interval. Ratios are taken on the logarithm, so that twice as
 * much and half as much are equally far from equal, and swapping the two turns the interval exactly upside down.
 */
import { type Interval, medianDistribution, medianInterval, percentileInterval } from "./bootstrap.ts";
import { median } from "./median.ts";

/**
 * Head over base, round by round: for two cells of one run, whose rounds lie close together in time, so that what
 * slows a whole round cancels out. The arrays hold the same rounds in the same order. The value is the median of the
 * ratios. Throws a RangeError when the lengths differ or a number is not above 0.
 */
export function pairedRatio(base: readonly number[], head: readonly number[], confidence = 0.95): Interval {
  if (base.length !== head.length) {
    throw new RangeError(
      `A paired ratio needs the same rounds on both sides, and there are ${base.length} and ${head.length}; use independentRatio.`,
    );
  }
  const baseLogs = logarithms(base);
  const differences = logarithms(head).map((value, round) => value - (baseLogs[round] as number));
  return exponentials(medianInterval(differences, confidence));
}

/**
 * Head's median over base's, for two runs whose rounds have nothing to do with each other; they may differ in number.
 * The interval is the percentile bootstrap with both sides resampled on their own, computed exactly as in
 * bootstrap.ts. Throws a RangeError when a number is not above 0.
 */
export function independentRatio(
  base: readonly number[],
  head: readonly number[],
  confidence = 0.95,
): Interval {
  const baseLogs = logarithms(base);
  const headLogs = logarithms(head);
  const heads = medianDistribution(headLogs);
  const differences = medianDistribution(baseLogs).flatMap((below) =>
    heads.map((above) => ({ value: above.value - below.value, weight: above.weight * below.weight })),
  );
  return exponentials({
    value: median(headLogs) - median(baseLogs),
    ...percentileInterval(differences, confidence),
  });
}

function logarithms(values: readonly number[]): number[] {
  return values.map((value) => {
    if (!(value > 0)) throw new RangeError(`A ratio needs numbers above 0, and ${value} is among them.`);
    return Math.log(value);
  });
}

function exponentials({ value, low, high }: Interval): Interval {
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}
