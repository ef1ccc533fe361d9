/** Whether the generator did what it was asked, and accounts for all of it. */
import type { Loop } from "../contract.ts";
import { type Objective, parseObjective, percentileName } from "../results/objective.ts";
import type { CapacitySearch, Check, LoadResult } from "../results/run.ts";
import { percentage } from "../units.ts";

/** A generator thread busier than this may be what is being measured. */
const CLIENT_BUSY_LIMIT = 0.85;
/** Share of the window that a generator thread may wait for its CPU. Undisturbed, it is under 6 %. */
const CLIENT_WAIT_LIMIT = 0.1;
/** A server busier than this, per CPU it may use, is the bottleneck whatever the generator does. */
const SERVER_SATURATED = 0.9;
const RATE_OFFERED_LIMIT = 0.99;
/** At each percentile that is published, send lag may be this share of the latency, or this many nanoseconds. */
const SEND_LAG_SHARE_LIMIT = 0.1;
const SEND_LAG_FLOOR_NS = 20_000;
const SEND_LAG_PERCENTILES = ["p50", "p99"] as const;
const LITTLE_LIMIT = 0.02;

interface Saturation {
  loop: Loop;
  load: LoadResult;
  serverCpuCount: number;
}

export function integrity({ accounting }: LoadResult): Check {
  const failures = Object.values(accounting.errors).reduce((sum, count) => sum + count, 0);
  const unaccounted = accounting.sent - accounting.ok - failures - accounting.inFlight;
  const value = failures + Math.abs(unaccounted) + accounting.inFlight;
  return {
    name: "integrity",
    passed: value === 0,
    value,
    limit: 0,
    message:
      `${failures} failed, ${accounting.inFlight} unanswered and ${Math.abs(unaccounted)} unaccounted of ` +
      `${accounting.sent} requests${accounting.firstError === null ? "" : ` (first: ${accounting.firstError})`}`,
  };
}

/** An open-loop generator spins by design, so being busy says nothing there; the rate check does. */
export function clientSaturation({ loop, load, serverCpuCount }: Saturation): Check | null {
  if (loop === "open") return load.search === undefined ? null : searchToTheEnd(load.search);
  const busiest = Math.max(0, ...load.clientBusyShare);
  const server = serverLoad(load, serverCpuCount);
  return {
    name: "client saturated",
    passed: busiest <= CLIENT_BUSY_LIMIT || server.isSaturated,
    value: busiest,
    limit: CLIENT_BUSY_LIMIT,
    message: `the busiest generator thread used ${percentage(busiest)} of its CPU, ${server.words}`,
  };
}

/**
 * A generator that others keep from its CPU, that a quota throttles, or that shares its CPU with the server, is as much a
 * limit as a busy one, though it looks idle. In the open loop send lag shows the same, and more sharply.
 */
export function clientKeptWaiting({ loop, load, serverCpuCount }: Saturation): Check | null {
  if (loop === "open") return null;
  const longest = load.clientWaitShare === null ? null : Math.max(0, ...load.clientWaitShare);
  const server = serverLoad(load, serverCpuCount);
  return {
    name: "client kept waiting",
    passed: longest === null || longest <= CLIENT_WAIT_LIMIT || server.isSaturated,
    value: longest,
    limit: CLIENT_WAIT_LIMIT,
    message:
      longest === null
        ? "how long the generator waited for its CPU was not observed: the window ended early, or this kernel does not count it"
        : `a generator thread waited for a CPU in ${percentage(longest)} of the window, ${server.words}`,
  };
}

function serverLoad(
  { serverCpuNs, windowSeconds }: LoadResult,
  cpuCount: number,
): { isSaturated: boolean; words: string } {
  if (serverCpuNs === null) return { isSaturated: false, words: "the server's CPU time is unknown" };
  const busy = serverCpuNs / (windowSeconds * 1e9 * cpuCount);
  return { isSaturated: busy >= SERVER_SATURATED, words: `the server used ${percentage(busy)} of its` };
}

/** A search that was not ended by the objective leaves open how much more the server can do. */
function searchToTheEnd({ limitedBy, limitPerSecond, steps }: CapacitySearch): Check {
  const last = steps.findLast(({ outcome }) => outcome === "generator");
  const rate = limitPerSecond === null ? null : Math.round(limitPerSecond);
  const messages = {
    objective: `the objective was missed at ${rate} requests per second`,
    generator: `the load generator could not keep its schedule at ${rate} requests per second (${last?.reason})`,
    steps: `the search ended after ${steps.length} loads, before the objective was missed twice at one rate`,
  };
  return {
    name: "client saturated",
    passed: limitedBy === "objective",
    value: limitPerSecond,
    limit: null,
    message: messages[limitedBy],
  };
}

export function rateOffered({ scheduled, sentInWindow }: LoadResult): Check {
  const share =
    scheduled === null || sentInWindow === null || scheduled === 0 ? null : sentInWindow / scheduled;
  return {
    name: "rate offered",
    passed: share !== null && share >= RATE_OFFERED_LIMIT,
    value: share,
    limit: RATE_OFFERED_LIMIT,
    message:
      share === null
        ? "no request fell due in the window"
        : `${percentage(share)} of the scheduled requests were sent in time`,
  };
}

/**
 * Like is compared with like: what delays one request in a hundred must be small beside the latency of one in a
 * hundred. The generator handles one request at a time, so some lag behind a neighbour is in the nature of it. Under an
 * objective lag may also be small beside what the objective allows, since it could only have made the latency longer.
 */
export function sendLag(
  { stages, latency, search }: LoadResult,
  objective: Objective | null = search === undefined ? null : parseObjective(search.objective),
): Check {
  const lag = stages["sendLag"]?.latencyNs;
  const name = "send lag";
  if (lag === undefined || latency === null) {
    return { name, passed: false, value: null, limit: null, message: "send lag was not observed" };
  }
  const held = objective ?? SEND_LAG_PERCENTILES.map((percentile) => ({ percentile, limitNs: 0 }));
  const margins = held.map(({ percentile, limitNs }) => {
    const beside = Math.max(latency.latencyNs[percentile], limitNs);
    return {
      percentile: percentileName(percentile),
      value: lag[percentile],
      limit: Math.max(SEND_LAG_FLOOR_NS, beside * SEND_LAG_SHARE_LIMIT),
    };
  });
  const worst = margins.reduce((a, b) => (b.value / b.limit > a.value / a.limit ? b : a));
  const micro = (ns: number): string => `${(ns / 1000).toFixed(1)} µs`;
  return {
    name,
    passed: worst.value <= worst.limit,
    value: worst.value,
    limit: worst.limit,
    message: `requests left up to ${micro(worst.value)} late at ${worst.percentile} (limit ${micro(worst.limit)})`,
  };
}

/** In flight must equal throughput times mean latency, or the generator lost or invented time. */
export function littlesLaw({
  operations,
  windowSeconds,
  latency,
  edgeInFlight,
  meanInFlight,
}: LoadResult): Check {
  const expected =
    latency === null ? null : (operations / windowSeconds) * (latency.meanNs / 1e9) + (edgeInFlight ?? 0);
  const error =
    expected === null || meanInFlight === null || meanInFlight === 0 ? null : expected / meanInFlight - 1;
  return {
    name: "Little's law",
    passed: error !== null && Math.abs(error) <= LITTLE_LIMIT,
    value: error === null ? null : Math.abs(error),
    limit: LITTLE_LIMIT,
    message:
      error === null
        ? "requests in flight were not observed"
        : `throughput times mean latency differs from the requests in flight by ${percentage(Math.abs(error))}`,
  };
}
