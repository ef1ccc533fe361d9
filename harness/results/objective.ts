/** A latency objective: what must hold of the latency, such as "p99<1ms" or "p50<200us,p99.9<5ms". */
import type { Parameters } from "../contract.ts";
import { Failure } from "../failure.ts";
import type { Percentiles } from "./run.ts";

export interface Condition {
  percentile: keyof Percentiles;
  /** Latency must stay under this, nanoseconds. */
  limitNs: number;
}

/** All of them must hold. */
export type Objective = readonly Condition[];

const NAMES: Readonly<Record<keyof Percentiles, string>> = {
  p50: "p50",
  p90: "p90",
  p99: "p99",
  p99_9: "p99.9",
  max: "max",
};
const ORDER = Object.keys(NAMES) as (keyof Percentiles)[];
const UNITS_NS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 } as const;
/** What is said of a percentile needs some requests beyond it; fewer would leave it to one of them. */
const REQUESTS_BEYOND = 5;
const LEAST_REQUESTS = 100;

/** The objective a cell is searched under, in its one spelling; null for a cell that is no search. */
export function objectiveOf({ objective }: Parameters): string | null {
  return typeof objective === "string" ? objective : null;
}

/** The name a reader knows: p99.9 for `p99_9`. */
export function percentileName(percentile: keyof Percentiles): string {
  return NAMES[percentile];
}

/** Throws a Failure (wrong usage) that shows how an objective is written. */
export function parseObjective(text: string): Objective {
  const conditions = text.split(",").map((part) => parseCondition(part.trim(), text));
  for (const [index, { percentile }] of conditions.entries()) {
    if (conditions.findIndex((other) => other.percentile === percentile) !== index)
      throw new Failure(2, `--slo "${text}" has two limits for ${percentileName(percentile)}; keep one.`);
  }
  return conditions.toSorted((a, b) => ORDER.indexOf(a.percentile) - ORDER.indexOf(b.percentile));
}

function parseCondition(part: string, text: string): Condition {
  const [, name, digits, unit] =
    /^(\w+(?:\.\d+)?)\s*<\s*(\d+(?:\.\d+)?)\s*(ns|us|µs|μs|ms|s)$/.exec(part) ?? [];
  const percentile = ORDER.find((one) => NAMES[one] === name);
  const size = UNITS_NS[(unit ?? "").replace(/^[µμ]/, "u") as keyof typeof UNITS_NS];
  const limitNs = Math.round(Number(digits) * size);
  if (percentile !== undefined && limitNs > 0) return { percentile, limitNs };
  throw new Failure(
    2,
    `--slo takes conditions such as 'p99<1ms', joined by commas: one of ${Object.values(NAMES).join(", ")}, then <, ` +
      `then a time above 0 in ns, us, ms or s. "${part}"${part === text.trim() ? "" : ` in "${text}"`} is none.`,
  );
}

/** One way to write it, so that cells with the same objective have the same settings. */
export function objectiveText(objective: Objective): string {
  return objective.map(({ percentile, limitNs }) => `${NAMES[percentile]}<${limitText(limitNs)}`).join(",");
}

function limitText(limitNs: number): string {
  const units = Object.entries(UNITS_NS).toReversed();
  const [name, size] = units.find(([, one]) => limitNs >= one) ?? ["ns", 1];
  return `${limitNs / size}${name}`;
}

/** The conditions that do not hold; empty when the objective is met. */
export function missedConditions(objective: Objective, latencyNs: Percentiles): Condition[] {
  return objective.filter(({ percentile, limitNs }) => latencyNs[percentile] >= limitNs);
}

/** How many requests a window must hold before the objective's percentiles mean anything. */
export function requestsNeeded(objective: Objective): number {
  const beyond = objective.map(({ percentile }) =>
    percentile === "max" ? 0 : REQUESTS_BEYOND / (1 - Number(NAMES[percentile].slice(1)) / 100),
  );
  return Math.ceil(Math.max(LEAST_REQUESTS, ...beyond) - 1e-6);
}
