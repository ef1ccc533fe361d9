/**
 * Where a series of numbers changes its level, by E-divisive: the place that parts the series into two pieces whose energy
 * distance is largest, if a permutation test finds it too large for chance, and so on within each piece. It is advice where
 * to look, never a verdict. Source: D. S. Matteson and N. A. James, "A nonparametric approach for multiple change point
 * analysis of multivariate data", Journal of the American Statistical Association 109 (2014).
 */
import { createRandom, type Random } from "./random.ts";

export interface ChangePoint {
  /** Of the first value of the new level. */
  index: number;
  /** How often chance alone parts such a series as much. */
  pValue: number;
}

const PERMUTATIONS = 499;
const SIGNIFICANCE = 0.01;

/**
 * The change points in order; none in a series shorter than two pieces of `least` values. The same series has the same
 * points, because the permutations come from a fixed seed.
 */
export function changePoints(values: readonly number[], least = 4): ChangePoint[] {
  return pointsIn(values, 0, least, createRandom(1));
}

function pointsIn(values: readonly number[], offset: number, least: number, random: Random): ChangePoint[] {
  const best = bestSplit(values, least);
  if (best === null) return [];
  let asLarge = 1;
  for (let permutation = 0; permutation < PERMUTATIONS; permutation++)
    if ((bestSplit(random.shuffle(values), least)?.distance ?? 0) >= best.distance) asLarge += 1;
  const pValue = asLarge / (PERMUTATIONS + 1);
  if (pValue > SIGNIFICANCE) return [];
  const { index } = best;
  return [
    ...pointsIn(values.slice(0, index), offset, least, random),
    { index: offset + index, pValue },
    ...pointsIn(values.slice(index), offset + index, least, random),
  ];
}

/** The split with the largest energy distance; null when no split leaves `least` values on both sides. */
function bestSplit(values: readonly number[], least: number): { index: number; distance: number } | null {
  let best: { index: number; distance: number } | null = null;
  for (let index = least; index <= values.length - least; index++) {
    const distance = energyDistance(values.slice(0, index), values.slice(index));
    if (best === null || distance > best.distance) best = { index, distance };
  }
  return best;
}

/** Scaled by the sizes of both sides, so that splits of one series can be compared. */
function energyDistance(left: readonly number[], right: readonly number[]): number {
  const between = meanGap(left, right);
  const scale = (left.length * right.length) / (left.length + right.length);
  return scale * (2 * between - meanGap(left, left) - meanGap(right, right));
}

function meanGap(left: readonly number[], right: readonly number[]): number {
  let sum = 0;
  for (const a of left) for (const b of right) sum += Math.abs(a - b);
  return sum / (left.length * right.length);
}
