/**
 * A decision that may be taken early without being taken lightly: values are looked at a few times, fixed in advance, and
 * each look has a bound so strict that all looks together err no more often than one look at a plain bound would. The
 * bounds are those of O'Brien and Fleming in the form of Lan and DeMets: next to nothing is spent on early looks, so the
 * last bound is hardly stricter than a plain one. Sources: P. C. O'Brien and T. R. Fleming, "A multiple testing procedure
 * for clinical trials", Biometrics 35 (1979); K. K. G. Lan and D. L. DeMets, "Discrete sequential boundaries for clinical
 * trials", Biometrika 70 (1983).
 */
import jStat from "jstat";
import { mean, standardDeviation } from "./student.ts";

/**
 * When four looks are taken, as shares of the most values there can be, and the normal deviate of each for a one-sided
 * error of 5 %: what remains after 8.9e-5, 0.0056, 0.024 and 0.05 of it were spent.
 */
export const LOOKS: readonly { share: number; deviate: number }[] = [
  { share: 0.25, deviate: 3.75 },
  { share: 0.5, deviate: 2.54 },
  { share: 0.75, deviate: 2.02 },
  { share: 1, deviate: 1.72 },
];

/** Two for each look, because the spread of fewer was not seen. */
const LEAST_VALUES = 8;

/** Differences of logarithms: what is too little to matter, and what must never be missed. */
export interface Margins {
  ignorable: number;
  mustCatch: number;
}

/**
 * `worse`: surely beyond what is ignorable. `fine`: surely short of what must be caught. `open`: neither, so far. Both hold
 * at once for a difference that is surely between the margins; it is `worse`, for it is more than was to be ignored.
 */
export type Outcome = "worse" | "fine" | "open";

export interface Look {
  /** Values so far. */
  count: number;
  /** Their mean. */
  estimate: number;
  /** The bounds of this look: each is wrong in at most 5 % of cases over all looks together. */
  low: number;
  high: number;
  standardDeviation: number;
  outcome: Outcome;
}

/** The numbers of values after which there is a look. Throws a RangeError when there would be looks at fewer than two. */
export function lookCounts(most: number): number[] {
  if (!(most >= LEAST_VALUES))
    throw new RangeError(`Four looks need at least ${LEAST_VALUES} values in all, not ${most}.`);
  return LOOKS.map(({ share }) => Math.round(share * most));
}

/** How much values spread, and from how many independent deviations that is known. */
export interface Spread {
  standardDeviation: number;
  freedom: number;
}

/**
 * What the look of this number, from 0, says of the values so far, which are independent and roughly normal. The normal
 * deviate becomes Student's at the same error, because the spread is estimated from as few values, or is `known` from more.
 * Throws a RangeError for fewer than two values, or for a look that there is not.
 */
export function lookAt(
  values: readonly number[],
  look: number,
  { ignorable, mustCatch }: Margins,
  known: Spread | null = null,
): Look {
  const deviate = LOOKS[look]?.deviate;
  const own = standardDeviation(values);
  if (deviate === undefined || own === null)
    throw new RangeError(`There is no look ${look} at ${values.length} values.`);
  const count = values.length;
  const spread = known ?? { standardDeviation: own, freedom: count - 1 };
  const error = jStat.normal.cdf(deviate, 0, 1);
  const margin = (jStat.studentt.inv(error, spread.freedom) * spread.standardDeviation) / Math.sqrt(count);
  const estimate = mean(values);
  const [low, high] = [estimate - margin, estimate + margin];
  const outcome = low > ignorable ? "worse" : high < mustCatch ? "fine" : "open";
  return { count, estimate, low, high, standardDeviation: own, outcome };
}

/**
 * The spread of several lists of differences to one and the same value, which are equally long and spread alike. They share
 * the luck of that value, so three lists know the spread as well as two independent ones would: squares of differences that
 * correlate by a half correlate by a quarter. Throws a RangeError without at least two values in each.
 */
export function pooledSpread(lists: readonly (readonly number[])[]): Spread {
  const deviations = lists.map((values) => standardDeviation(values));
  const count = lists[0]?.length ?? 0;
  if (count < 2 || lists.some((values) => values.length !== count))
    throw new RangeError("A pooled spread needs lists of the same length, of two values at least.");
  const variance = mean(deviations.map((one) => (one ?? 0) ** 2));
  const shared = 1 + (lists.length - 1) / 4;
  return {
    standardDeviation: Math.sqrt(variance),
    freedom: ((count - 1) * lists.length) / shared,
  };
}

/** What a normal value exceeds in 95 of 100 cases, in standard deviations below its mean. */
const LUCK = 1.645;

/**
 * The smallest difference that this look would have called worse in 95 of 100 cases: beyond the ignorable one by the distance of its
 * own bound, which is wide in early looks, and by the luck of the estimate.
 */
export function smallestVisible(ignorable: number, look: Look): number {
  return ignorable + look.estimate - look.low + (LUCK * look.standardDeviation) / Math.sqrt(look.count);
}
