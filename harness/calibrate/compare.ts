/**
 * Compares expected with recorded values, round by round, and makes the rows of the calibration. Everything here is
 * arithmetic on what was observed, so that the tests can feed it the records of a generator that is wrong.
 */
import type { CalibrationRow, Quantity } from "../results/calibration.ts";
import { decodeHistogram } from "../results/histogram.ts";
import type { Distribution, Percentiles } from "../results/run.ts";
import { meanInterval } from "../statistics/student.ts";

/** One quantity in one round. */
export interface Finding {
  quantity: Quantity;
  unit: CalibrationRow["unit"];
  expected: number;
  recorded: number;
  limit: number;
}

const SHARE_LIMIT = 0.02;
const FLOOR_NS = 20_000;
const DELAYED_LIMIT = 0.05;
/** How far the delayed samples may be from uniform: the largest gap between the distribution functions. */
const SPREAD_LIMIT = 0.05;
const SPREAD_QUANTILES = 40;
/** What a momentary interruption of the client can only make worse, so the least disturbed round decides. */
const TAIL: readonly Quantity[] = ["p99", "p99_9", "max"];

/**
 * `disturbed` is what is expected with the interruptions that the reference client met right beside the sample. In the tail
 * the generator meets such as well, more or fewer, so there everything between the two is as expected.
 */
export function percentileFindings(
  names: readonly (keyof Percentiles)[],
  expected: Percentiles,
  recorded: Percentiles,
  disturbed: Percentiles = expected,
): Finding[] {
  return names.map((name) => ({
    quantity: name,
    unit: "ns",
    expected: TAIL.includes(name)
      ? Math.max(expected[name], Math.min(recorded[name], disturbed[name]))
      : expected[name],
    recorded: recorded[name],
    limit: Math.max(FLOOR_NS, SHARE_LIMIT * expected[name]),
  }));
}

/** Every request that the server answered must be in the histogram; `uncertain` ones straddle the window's ends. */
export function countFinding(expected: number, recorded: Distribution, uncertain: number): Finding {
  return { quantity: "requests", unit: "requests", expected, recorded: recorded.count, limit: uncertain };
}

/** The share of slow requests, where percentiles sit at the jump between the modes. */
export function slowShareFinding(
  expectedNs: readonly number[],
  recorded: Distribution,
  slowAboveNs: number,
  uncertain: number,
): Finding {
  const expected = expectedNs.filter((ns) => ns > slowAboveNs).length / expectedNs.length;
  return {
    quantity: "slowShare",
    unit: "share",
    expected,
    recorded: countAbove(recorded, slowAboveNs) / recorded.count,
    limit: Math.max(SHARE_LIMIT * expected, uncertain / recorded.count),
  };
}

/** How many requests a stop delayed. */
export function delayedFinding(expected: number, recorded: Distribution, delayedAboveNs: number): Finding {
  return {
    quantity: "delayed",
    unit: "requests",
    expected,
    recorded: countAbove(recorded, delayedAboveNs),
    limit: Math.max(1, expected * DELAYED_LIMIT),
  };
}

/** Whether what a stop delayed is distributed uniformly, up to the longest delay. */
export function spreadFinding(recorded: Distribution, delayedAboveNs: number, longestNs: number): Finding {
  const delayed = countAbove(recorded, delayedAboveNs);
  return {
    quantity: "spread",
    unit: "share",
    expected: 0,
    recorded: distanceFromUniform(recorded, delayed, delayedAboveNs, longestNs),
    limit: SPREAD_LIMIT,
  };
}

/** The largest distance, 0 to 1, of the slowest `delayed` samples from uniform between `fromNs` and `toNs`. */
function distanceFromUniform(recorded: Distribution, delayed: number, fromNs: number, toNs: number): number {
  if (delayed < SPREAD_QUANTILES) return 1;
  const histogram = decodeHistogram(recorded.histogram);
  const fast = recorded.count - delayed;
  const distances = Array.from({ length: SPREAD_QUANTILES }, (_value, index) => {
    const share = (index + 0.5) / SPREAD_QUANTILES;
    const rank = fast + Math.round(share * delayed);
    const valueNs = histogram.getValueAtPercentile((100 * rank) / recorded.count);
    return Math.abs((valueNs - fromNs) / (toNs - fromNs) - share);
  });
  return Math.max(...distances);
}

/** How many observations are above a latency, to the resolution of the histogram. */
function countAbove(recorded: Distribution, ns: number): number {
  const histogram = decodeHistogram(recorded.histogram);
  let low = 0;
  let high = recorded.count;
  // The smallest rank whose value is above.
  while (low < high) {
    const rank = Math.floor((low + high) / 2) + 1;
    if (histogram.getValueAtPercentile((100 * rank) / recorded.count) > ns) high = rank - 1;
    else low = rank;
  }
  return recorded.count - low;
}

/** The rows of one case from the findings of its rounds, which all have the same quantities. */
export function rowsOf(
  identity: Pick<CalibrationRow, "protocol" | "loop" | "delays">,
  rounds: readonly (readonly Finding[])[],
): CalibrationRow[] {
  const [first = []] = rounds;
  return first.map(({ quantity, unit }, index) => {
    const findings = rounds.map((round) => round[index] as Finding);
    const decisive = deciding(quantity, findings);
    const error = errorOf(decisive);
    return {
      ...identity,
      quantity,
      unit,
      expected: decisive.expected,
      recorded: decisive.recorded,
      error,
      errors: findings.map(errorOf),
      limit: decisive.limit,
      outcome: outcomeOf(error, decisive.limit, findings),
    };
  });
}

/**
 * An error of the generator is in every round, and one of the machine comes and goes. So what is outside the limit fails
 * only when the interval of the mean error is outside as well; a single round shows no spread and decides by itself.
 */
function outcomeOf(error: number, limit: number, findings: readonly Finding[]): CalibrationRow["outcome"] {
  if (Math.abs(error) <= limit) return "passed";
  const interval = meanInterval(findings.map(errorOf));
  if (interval === null) return "failed";
  return interval.low > limit || interval.high < -limit ? "failed" : "unclear";
}

/** Whether more rounds may decide what these could not. */
export function isUnclear(rows: readonly CalibrationRow[]): boolean {
  return rows.some(({ outcome }) => outcome === "unclear");
}

function deciding(quantity: Quantity, findings: readonly Finding[]): Finding {
  if (TAIL.includes(quantity)) {
    return findings.reduce((least, one) => (excess(one) < excess(least) ? one : least));
  }
  const sorted = findings.toSorted((a, b) => errorOf(a) - errorOf(b));
  return sorted[sorted.length >> 1] as Finding;
}

function errorOf({ expected, recorded }: Finding): number {
  return recorded - expected;
}

function excess(finding: Finding): number {
  return Math.abs(errorOf(finding)) / finding.limit;
}
