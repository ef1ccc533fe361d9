/**
 * The slope of log(y) against log(x): how a cost grows with a size. 0 means that it does not, 1 that it doubles when the
 * size doubles. Ordinary least squares, with an interval from Student's t, because there are few points.
 */
import type { Interval } from "./student.ts";
import { mean, studentQuantile95, sum } from "./student.ts";

export interface Point {
  x: number;
  y: number;
}

/**
 * The slope with its 95 % interval. Null for fewer than three points or fewer than two sizes: a line through two points
 * fits always and says nothing of its error. Throws a RangeError when a number is not above 0.
 */
export function logLogSlope(points: readonly Point[]): Interval | null {
  const logs = points.map(({ x, y }) => ({ x: logarithm(x), y: logarithm(y) }));
  const count = logs.length;
  if (count < 3) return null;
  const meanX = mean(logs.map(({ x }) => x));
  const meanY = mean(logs.map(({ y }) => y));
  const spread = sum(logs.map(({ x }) => (x - meanX) ** 2));
  if (spread === 0) return null;
  const value = sum(logs.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread;
  const residual = sum(logs.map(({ x, y }) => (y - meanY - value * (x - meanX)) ** 2));
  const freedom = count - 2;
  const margin = studentQuantile95(freedom) * Math.sqrt(residual / freedom / spread);
  return { value, low: value - margin, high: value + margin };
}

/** The slope of the straight line through points, by least squares; null for fewer than two sizes. */
export function linearSlope(points: readonly Point[]): number | null {
  if (points.length === 0) return null;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const spread = sum(points.map(({ x }) => (x - meanX) ** 2));
  return spread === 0 ? null : sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread;
}

function logarithm(value: number): number {
  if (!(value > 0))
    throw new RangeError(`A slope of logarithms needs numbers above 0, and ${value} is among them.`);
  return Math.log(value);
}
