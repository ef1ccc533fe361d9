/** Student's t: intervals of a mean from few values, which are independent and roughly normal. */

export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** Two-sided 95 % quantiles of Student's t for 1, 2, 3, ... degrees of freedom. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const NORMAL_95 = 1.959_964;

/** The value that |t| exceeds with probability 5 % by chance. Throws a RangeError below one degree of freedom. */
export function studentQuantile95(freedom: number): number {
  if (!(freedom >= 1))
    throw new RangeError(`Student's t needs at least one degree of freedom, not ${freedom}.`);
  return T_95[freedom - 1] ?? beyondTable(freedom);
}

/** The first terms of the expansion in 1/freedom, right to four digits here (Abramowitz and Stegun, 1964, 26.7.5). */
function beyondTable(freedom: number): number {
  const z = NORMAL_95;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}

/** The mean of independent values and its 95 % interval; null for fewer than two, whose spread was not seen. */
export function meanInterval(values: readonly number[]): Interval | null {
  const count = values.length;
  if (count < 2) return null;
  const value = mean(values);
  const variance = sum(values.map((one) => (one - value) ** 2)) / (count - 1);
  const margin = studentQuantile95(count - 1) * Math.sqrt(variance / count);
  return { value, low: value - margin, high: value + margin };
}

/** Throws a RangeError when there is none. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("There is no mean of no values.");
  return sum(values) / values.length;
}

/** Of values above 0. Throws a RangeError when there is none. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)));
}

/** The standard deviation of a sample; null for fewer than two values. */
export function standardDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(sum(values.map((one) => (one - centre) ** 2)) / (values.length - 1));
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
