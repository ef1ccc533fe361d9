/**
 * The slope of log(y) against log(x): how a cost grows with a size. 0 means that it does not, 1 that it doubles when the
 * size doubles. Ordinary least squares, with an interval from Student's t, because there are few points.
 */
import type { Interval } from "./bootstrap.ts";

export interface Point {
  x: number;
  y: number;
}

/** Two-sided 95 % quantiles of Student's t for 1, 2, 3, ... degrees of freedom. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const NORMAL_95 = 1.96;

/**
 * The slope with its 95 % interval. Null for fewer than three points or fewer than two sizes: a line through two points
 * fits always and says nothing of its error. Throws a RangeError when a number is not above 0.
 */
export function logLogSlope(points: readonly Point[]): Interval | null {
  const logs = points.map(({ x, y }) => ({ x: logarithm(x), y: logarithm(y) }));
  const count = logs.length;
  const meanX = mean(logs.map(({ x }) => x));
  const meanY = mean(logs.map(({ y }) => y));
  const spread = sum(logs.map(({ x }) => (x - meanX) ** 2));
  if (count < 3 || spread === 0) return null;
  const value = sum(logs.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread;
  const residual = sum(logs.map(({ x, y }) => (y - meanY - value * (x - meanX)) ** 2));
  const freedom = count - 2;
  const margin = (T_95[freedom - 1] ?? NORMAL_95) * Math.sqrt(residual / freedom / spread);
  return { value, low: value - margin, high: value + margin };
}

function logarithm(value: number): number {
  if (!(value > 0))
    throw new RangeError(`A slope of logarithms needs numbers above 0, and ${value} is among them.`);
  return Math.log(value);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
