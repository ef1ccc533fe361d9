/**
 * The search for a server's capacity under a latency objective: the highest offered rate at which the objective holds.
 * A short closed loop says where to begin; open loops of growing rates find one that is too much, and bisection closes
 * in on the knee between. Every load is kept, so that a reader sees the curve and not only the answer.
 */
import type { CapacitySearch, Check, LoadResult, SearchStep } from "../results/run.ts";
import { applyCheck } from "../checks/check.ts";
import { agentsTogether, rateOffered, sendLag } from "../checks/generator-checks.ts";
import {
  missedConditions,
  objectiveText,
  percentileName,
  requestsNeeded,
  type Objective,
} from "../results/objective.ts";

/** Loads of one search besides the first, closed one. */
export const MOST_STEPS = 14;
/** The first offered rate, as a share of what the closed loop reached: surely below the knee of most servers. */
const FIRST_SHARE = 0.5;
const GROWTH = 1.4;
const SHRINKAGE = 0.25;
/** The search ends when the rate that is too much is this close above the one that is not. */
const RESOLUTION = 1.05;
/** A server that answers fewer of the requests due in the window is overloaded, and trying again would not help it. */
const OVERLOADED_SHARE = 0.95;
/** A window is stretched up to this length when few requests fall due in it. */
const LONGEST_WINDOW_SECONDS = 2;
/** The server is warm from the loads before; this only lets the queues of the new rate settle. */
const SETTLING_SECONDS = 0.2;

/** Why a server has no capacity: whatever else goes wrong says nothing of the server. */
export class NoCapacity extends Error {}

export interface Timing {
  warmupSeconds: number;
  durationSeconds: number;
}

/** How a search puts load on the server; each resolves with what was observed. */
export interface SearchLoads {
  closed(timing: Timing): Promise<LoadResult>;
  open(ratePerSecond: number, timing: Timing): Promise<LoadResult>;
}

/**
 * Resolves with the load at the highest rate that met the objective, which carries the whole search. Where the generator
 * kept its schedule at no rate it is the last load, whose own checks then say that it judges no server. Rejects with a
 * NoCapacity when the server met the objective at no rate, or when a request failed otherwise than by taking too long.
 */
export async function searchCapacity(
  objective: Objective,
  timing: Timing,
  loads: SearchLoads,
): Promise<LoadResult> {
  const windows = windowsFor(objective, timing);
  const closed = await loads.closed(timing);
  requireAnswers(closed, "in a closed loop");
  const estimatePerSecond = closed.operations / closed.windowSeconds;
  const steps: SearchStep[] = [];
  let decisive: LoadResult | null = null;
  let met: SearchStep | null = null;
  let notMet: SearchStep | null = null;
  while (steps.length < MOST_STEPS) {
    const rate = nextRate(met, notMet, { first: estimatePerSecond * FIRST_SHARE, least: windows.leastRate });
    if (rate === null) break;
    const load = await loads.open(rate, windows.at(rate));
    requireAnswers(load, `at ${Math.round(rate)} requests per second`);
    const step = judgeStep(objective, rate, load);
    steps.push(step);
    if (step.outcome === "met" || met === null) decisive = load;
    if (step.outcome === "met") met = step;
    // A short stall of the machine looks like a server at its limit, so only a second miss counts.
    else if ((step.outcome === "missed" && isOverloaded(load)) || steps.at(-2)?.ratePerSecond === rate)
      notMet = step;
  }
  const last = steps.at(-1);
  if (decisive === null || last === undefined || (met === null && wasMissed(last.ratePerSecond, steps)))
    throw new NoCapacity(neverMet(objective, steps));
  const search: CapacitySearch = {
    objective: objectiveText(objective),
    estimatePerSecond,
    capacityPerSecond: met?.ratePerSecond ?? null,
    limitPerSecond: notMet?.ratePerSecond ?? null,
    limitedBy: notMet === null ? "steps" : wasMissed(notMet.ratePerSecond, steps) ? "objective" : "generator",
    steps,
  };
  return { ...decisive, search };
}

/** The rate to offer next; the last one again while its miss is not confirmed; null when the knee is found. */
function nextRate(
  met: SearchStep | null,
  notMet: SearchStep | null,
  { first, least }: { first: number; least: number },
): number | null {
  if (met === null && notMet === null) return Math.max(first, least);
  if (notMet === null) return (met as SearchStep).ratePerSecond * GROWTH;
  const above = notMet.ratePerSecond;
  if (met === null) return above <= least ? null : Math.max(least, above * SHRINKAGE);
  return above <= met.ratePerSecond * RESOLUTION ? null : Math.sqrt(above * met.ratePerSecond);
}

/** Of two tries, only the one in which the generator kept its schedule is valid for the server. */
function wasMissed(rate: number, steps: readonly SearchStep[]): boolean {
  return steps.some(({ ratePerSecond, outcome }) => ratePerSecond === rate && outcome === "missed");
}

function judgeStep(objective: Objective, ratePerSecond: number, load: LoadResult): SearchStep {
  const { windowSeconds, operations, latency } = load;
  const observation = { loop: "open", load, objective } as const;
  const failed = [rateOffered, sendLag, agentsTogether]
    .map((check) => applyCheck(check, observation))
    .filter((check) => check !== null && !check.passed) as Check[];
  const late = load.accounting.errors.timedOut;
  const missed = latency === null ? [] : missedConditions(objective, latency.latencyNs);
  const misses = [
    ...missed.map(
      ({ percentile }) =>
        `${percentileName(percentile)} was ${((latency?.latencyNs[percentile] ?? 0) / 1e6).toPrecision(3)} ms`,
    ),
    ...(late > 0 ? [`${late} requests timed out`] : []),
    ...(latency === null ? ["no request was answered"] : []),
  ];
  const reasons = failed.length > 0 ? failed.map(({ message }) => message) : misses;
  return {
    ratePerSecond,
    achievedPerSecond: operations / windowSeconds,
    windowSeconds,
    latencyNs: latency?.latencyNs ?? null,
    outcome: failed.length > 0 ? "generator" : misses.length > 0 ? "missed" : "met",
    reason: reasons.length === 0 ? null : reasons.join("; "),
  };
}

function isOverloaded({ operations, scheduled }: LoadResult): boolean {
  return scheduled !== null && operations < scheduled * OVERLOADED_SHARE;
}

/** A request that took too long is a miss; one that failed in any other way means that the server is broken. */
function requireAnswers(
  { accounting: { errors, firstError }, windowSeconds }: LoadResult,
  where: string,
): void {
  const broken = Object.entries(errors).filter(([name, count]) => name !== "timedOut" && count > 0);
  if (broken.length > 0) {
    const counts = broken.map(([name, count]) => `${count} ${name}`).join(", ");
    throw new NoCapacity(
      `The search for the capacity ended because requests failed ${where}: ${counts}; first: ${firstError}.`,
    );
  }
  if (windowSeconds === 0)
    throw new NoCapacity(`The search for the capacity ended because no window began ${where}.`);
}

function neverMet(objective: Objective, steps: readonly SearchStep[]): string {
  const missed = steps.filter(({ outcome }) => outcome === "missed");
  const [lowest] = missed.toSorted((a, b) => a.ratePerSecond - b.ratePerSecond);
  return (
    `The objective ${objectiveText(objective)} was met at no offered rate. The lowest that was tried is ` +
    `${Math.round(lowest?.ratePerSecond ?? 0)} requests per second, and there ${lowest?.reason ?? "nothing was observed"}. ` +
    `Choose a wider objective, or look with --rates at what latency the server has.`
  );
}

/** The windows of the steps, and the lowest rate at which one holds enough requests. */
function windowsFor(
  objective: Objective,
  { durationSeconds, warmupSeconds }: Timing,
): { leastRate: number; at(rate: number): Timing } {
  const longest = Math.max(durationSeconds, LONGEST_WINDOW_SECONDS);
  const needed = requestsNeeded(objective);
  return {
    leastRate: needed / longest,
    at: (rate) => ({
      warmupSeconds: Math.min(warmupSeconds, SETTLING_SECONDS),
      durationSeconds: Math.min(longest, Math.max(durationSeconds, needed / rate)),
    }),
  };
}

/** How long the loads of one search take at most, and of one against a server that fills the shortest windows. */
export function searchSeconds({ warmupSeconds, durationSeconds }: Timing): { usual: number; most: number } {
  const settling = Math.min(warmupSeconds, SETTLING_SECONDS);
  const first = warmupSeconds + durationSeconds;
  return {
    usual: first + (MOST_STEPS - 4) * (settling + durationSeconds),
    most: first + MOST_STEPS * (settling + Math.max(durationSeconds, LONGEST_WINDOW_SECONDS)),
  };
}
