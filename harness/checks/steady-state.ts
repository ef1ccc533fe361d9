/**
 * Whether the server was in a steady state: a warm-up that is not over, a stall, a step or a drift makes the average of
 * a window describe nothing that lasts.
 */
import type { LoadResult } from "../results/run.ts";
import { kolmogorovCritical, kolmogorovDistance } from "../statistics/kolmogorov.ts";
import { percentage } from "../units.ts";
import type { CheckDefinition, Observation, Reading } from "./check.ts";

/**
 * Deviation from a constant rate that is allowed, as a share of the operations. A tenth is what a server reaches that is
 * half as fast again in the second half of the window as in the first.
 */
const DRIFT_LIMIT = 0.1;
/** A pause as servers with a garbage collector have them; in a very short window it is a larger share than the limit. */
const PAUSE_SECONDS = 0.04;
/** Chance alone may exceed the limit this rarely, where operations are few. */
const DRIFT_LEVEL = 0.001;
/** A limit this wide would let everything pass. */
const DRIFT_UNTELLABLE = 0.5;
/** Share of the window, and the least time, that may pass without any operation. */
const STALL_SHARE_LIMIT = 0.1;
const STALL_FLOOR_SECONDS = 0.05;
/** Without this many operations missing, a gap may be chance. */
const STALL_MISSING = 20;
const FEWEST_POINTS = 20;

type Finding = Reading & { value: number; limit: number };

export const steadyState: CheckDefinition<Pick<Observation, "load">> = {
  id: "steady-state",
  title: "steady state",
  compares: "the deviation of the completed operations from a constant rate, and the longest pause",
  passes: "at most",
  limit: null,
  consequence: "invalid",
  passesUnobserved: true,
  observe: ({ load }) => {
    const { points, stepSeconds } = pointsOf(load);
    const findings = load.operations === 0 ? [] : [drift(load, points), stall(load, points, stepSeconds)];
    const conclusive = points.length < FEWEST_POINTS ? [] : findings.filter((finding) => finding !== null);
    const [first, ...others] = conclusive;
    if (first === undefined) {
      return {
        value: null,
        message: `${load.operations} operations at ${points.length} points are too few to see whether the rate was constant`,
      };
    }
    return others.reduce((a, b) => (b.value / b.limit > a.value / a.limit ? b : a), first);
  },
};

/** The cumulative points that lie in the window, which is shorter than planned when the load was stopped. */
function pointsOf({ series, seriesStepSeconds, windowSeconds }: LoadResult): {
  points: number[];
  stepSeconds: number;
} {
  const whole = Math.floor(windowSeconds / seriesStepSeconds + 1e-6);
  return { points: series.slice(0, whole), stepSeconds: seriesStepSeconds };
}

/** Null when the operations are too few for any distance to be conclusive. */
function drift(
  { operations, windowSeconds, meanInFlight }: LoadResult,
  points: readonly number[],
): Finding | null {
  if (!(points.at(-1) ?? 0)) return null;
  const even = points.map((_, index) => (index + 1) / points.length);
  const value = kolmogorovDistance(points, even);
  // A server may answer all that is in flight at once, which moves the count by that much at any moment.
  const granularity = (meanInFlight ?? 0) / operations;
  const limit =
    Math.max(DRIFT_LIMIT, PAUSE_SECONDS / windowSeconds, kolmogorovCritical(operations, DRIFT_LEVEL)) +
    granularity;
  if (limit > DRIFT_UNTELLABLE) return null;
  return {
    value,
    limit,
    message:
      `the operations deviate from a constant rate by up to ${percentage(value)} ` +
      `(limit ${percentage(limit)})${value > limit ? `; ${halves(points)}` : ""}`,
  };
}

function halves(points: readonly number[]): string {
  const middle = points[Math.floor(points.length / 2) - 1] ?? 0;
  const share = middle / (points.at(-1) as number);
  const hint = share < 0.5 ? ", so a longer --warmup may help" : "";
  return `the first half of the window saw ${percentage(share)} of them${hint}`;
}

/** Null when a gap of forbidden length would be missing too few operations to differ from chance. */
function stall(
  { operations, windowSeconds, meanInFlight }: LoadResult,
  points: readonly number[],
  stepSeconds: number,
): Finding | null {
  const limitSeconds = Math.max(STALL_FLOOR_SECONDS, STALL_SHARE_LIMIT * windowSeconds);
  const missing = operations * (limitSeconds / windowSeconds);
  if (missing < STALL_MISSING + (meanInFlight ?? 0)) return null;
  const seconds = longestGap(points) * stepSeconds;
  const milliseconds = (value: number): string => `${Math.round(value * 1000)} ms`;
  return {
    value: seconds / windowSeconds,
    limit: limitSeconds / windowSeconds,
    message: `no operation was completed for ${milliseconds(seconds)} on end (limit ${milliseconds(limitSeconds)})`,
  };
}

/** The longest run of steps in which the count stood still. */
function longestGap(points: readonly number[]): number {
  let longest = 0;
  let current = 0;
  for (const [index, count] of points.entries()) {
    current = count === (points[index - 1] ?? 0) ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}
