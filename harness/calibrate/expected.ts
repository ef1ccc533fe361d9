/**
 * What the generator should have recorded: the service time of each request, from the kernel's receipt to the
 * answer's hand-over, plus what the transport and waking up cost a client that shares no code with the generator.
 */
import type { Percentiles } from "../results/run.ts";
import { median } from "../statistics/median.ts";
import { createRandom } from "../statistics/random.ts";
import type { Records, Served } from "./null-server.ts";

/** Service times are paired with costs at random this often; the median keeps one draw from deciding the tail. */
const PAIRINGS = 15;
const RANKS = { p50: 0.5, p90: 0.9, p99: 0.99, p99_9: 0.999, max: 1 } as const;

/** The requests that the generator recorded, as far as the server can know. Throws when it cannot. */
export function recordedByOpenLoop(
  messages: readonly Served[],
  warmupRequests: number,
): (Served & { arrivedNs: number })[] {
  // One thread sends in the order of the schedule, so arrival shows which ones fell due before the window.
  return byArrival(messages).slice(warmupRequests);
}

/** The requests answered in the window, which begins `warmupNs` after the first request. */
export function recordedByClosedLoop(
  messages: readonly Served[],
  warmupNs: number,
  windowNs: number,
): (Served & { arrivedNs: number })[] {
  const sorted = byArrival(messages);
  const from = (sorted[0]?.arrivedNs ?? 0) + warmupNs;
  return sorted.filter(({ sentNs }) => sentNs >= from && sentNs < from + windowNs);
}

function byArrival(messages: readonly Served[]): (Served & { arrivedNs: number })[] {
  const known = messages.filter((one): one is Served & { arrivedNs: number } => one.arrivedNs !== null);
  if (known.length < messages.length)
    throw new Disturbance(
      `${messages.length - known.length} requests reached the server together, so one had waited for another`,
    );
  return known.toSorted((a, b) => a.arrivedNs - b.arrivedNs);
}

/** The machine, not the generator, disturbed a sample; the message is a clause that says how. */
export class Disturbance extends Error {}

export function serviceTimesOf(messages: readonly (Served & { arrivedNs: number })[]): number[] {
  return messages.map(({ arrivedNs, sentNs }) => sentNs - arrivedNs);
}

/** What each round trip of the reference client cost beyond its service time, in nanoseconds. */
export function transportCosts(
  roundTrips: readonly { sentNs: number; answeredNs: number }[],
  { messages }: Records,
): number[] {
  const served = byArrival(messages);
  if (served.length !== roundTrips.length)
    throw new Error(
      `the reference client sent ${roundTrips.length} requests, the server saw ${served.length}`,
    );
  // One thread sends them one after another, so the order of sending is the order of arrival.
  return roundTrips.map(({ sentNs, answeredNs }, index) => {
    const one = served[index] as Served & { arrivedNs: number };
    return answeredNs - sentNs - (one.sentNs - one.arrivedNs);
  });
}

/** The value at each percentile of `sortedNs`, by the rule of HdrHistogram: the nearest rank, at least the first. */
export function percentilesOfSorted(sortedNs: readonly number[]): Percentiles {
  const at = (share: number): number =>
    sortedNs[Math.max(1, Math.trunc(share * sortedNs.length + 0.5)) - 1] ?? Number.NaN;
  return Object.fromEntries(
    Object.entries(RANKS).map(([name, share]) => [name, at(share)]),
  ) as unknown as Percentiles;
}

/** Percentiles of the sum of a service time and a transport cost, which are independent of each other. */
export function percentilesOfSum(
  serviceTimesNs: readonly number[],
  costs: readonly number[],
  seed: number,
): Percentiles {
  const random = createRandom(seed);
  const draws = Array.from({ length: PAIRINGS }, () => {
    const shuffled = random.shuffle(costs);
    const start = random.below(shuffled.length);
    const sums = serviceTimesNs.map(
      (serviceTimeNs, index) => serviceTimeNs + (shuffled[(start + index) % shuffled.length] as number),
    );
    return percentilesOfSorted(sums.toSorted((a, b) => a - b));
  });
  const names = Object.keys(RANKS) as (keyof Percentiles)[];
  return Object.fromEntries(
    names.map((name) => [name, median(draws.map((draw) => draw[name]))]),
  ) as unknown as Percentiles;
}
