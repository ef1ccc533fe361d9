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

/** A round trip of the reference client: how long the server held it, and what it cost beyond that, in nanoseconds. */
export interface TransportCost {
  serviceTimeNs: number;
  costNs: number;
}

/** One for each round trip of the reference client. */
export function transportCosts(
  roundTrips: readonly { sentNs: number; answeredNs: number }[],
  { messages }: Records,
): TransportCost[] {
  const served = byArrival(messages);
  if (served.length !== roundTrips.length)
    throw new Error(
      `the reference client sent ${roundTrips.length} requests, the server saw ${served.length}`,
    );
  // One thread sends them one after another, so the order of sending is the order of arrival.
  return roundTrips.map(({ sentNs, answeredNs }, index) => {
    const one = served[index] as Served & { arrivedNs: number };
    const serviceTimeNs = one.sentNs - one.arrivedNs;
    return { serviceTimeNs, costNs: answeredNs - sentNs - serviceTimeNs };
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

/** Round trips of the reference client that were held for about as long as a request, of which one is drawn. */
const ALIKE = 20;

/**
 * Percentiles of the sums of service times and transport costs. With `alike`, a request is paired with the cost of a round
 * trip that the server held about as long, drawn from the nearest ones: the two depend on each other. A client that has slept
 * for milliseconds is dearer to wake than one that is busy, and an answer whose hand-over took long, which makes the service
 * time long, has reached the client by then, which makes the cost small. With `any` they are paired at random, for service
 * times that are not those of single requests.
 */
export function percentilesOfSum(
  serviceTimesNs: readonly number[],
  costs: readonly TransportCost[],
  seed: number,
  pairing: "alike" | "any",
): Percentiles {
  const random = createRandom(seed);
  const sorted = costs.toSorted((a, b) => a.serviceTimeNs - b.serviceTimeNs);
  const among = pairing === "any" ? sorted.length : Math.min(ALIKE, sorted.length);
  const draw = (serviceTimeNs: number): number => {
    const middle = pairing === "any" ? 0 : placeOf(sorted, serviceTimeNs) - Math.floor(among / 2);
    const first = Math.min(Math.max(0, middle), sorted.length - among);
    return serviceTimeNs + (sorted[first + random.below(among)] as TransportCost).costNs;
  };
  const draws = Array.from({ length: PAIRINGS }, () =>
    percentilesOfSorted(serviceTimesNs.map(draw).toSorted((a, b) => a - b)),
  );
  const names = Object.keys(RANKS) as (keyof Percentiles)[];
  return Object.fromEntries(
    names.map((name) => [name, median(draws.map((one) => one[name]))]),
  ) as unknown as Percentiles;
}

/** How many of the sorted round trips were held for less. */
function placeOf(sorted: readonly TransportCost[], serviceTimeNs: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as TransportCost).serviceTimeNs < serviceTimeNs) low = middle + 1;
    else high = middle;
  }
  return low;
}
