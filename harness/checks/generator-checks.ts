/** Whether the generator did what it was asked, and accounts for all of it. */
import { parseObjective, percentileName } from "../results/objective.ts";
import type { CapacitySearch, LoadResult } from "../results/run.ts";
import { percentage } from "../units.ts";
import type { CheckDefinition, Observation, Reading } from "./check.ts";

/** A server busier than this, per CPU it may use, is the bottleneck whatever the generator does. */
const SERVER_SATURATED = 0.9;
/** At each of these, the generator may have added this share of the latency, or this many nanoseconds. */
const SEND_LAG_SHARE_LIMIT = 0.1;
const SEND_LAG_LEAST_NS = 20_000;
const SEND_LAG_PERCENTILES = ["p50", "p99"] as const;

type OfLoad = CheckDefinition<Pick<Observation, "loop" | "load">>;
type OfBothSides = CheckDefinition<Pick<Observation, "loop" | "load" | "serverCpuCount">>;

export const integrity: OfLoad = {
  id: "integrity",
  title: "integrity",
  compares: "the requests that failed, were not answered, or are missing in the account",
  passes: "at most",
  limit: 0,
  consequence: "invalid",
  passesUnobserved: false,
  observe: ({ load: { accounting } }) => {
    const failures = Object.values(accounting.errors).reduce((sum, count) => sum + count, 0);
    const unaccounted = Math.abs(
      accounting.sent - accounting.ok - failures - accounting.inFlight - (accounting.lost ?? 0),
    );
    return {
      value: failures + unaccounted + accounting.inFlight,
      message:
        `${failures} failed, ${accounting.inFlight} unanswered and ${unaccounted} unaccounted of ` +
        `${accounting.sent} requests${accounting.firstError === null ? "" : ` (first: ${accounting.firstError})`}`,
    };
  },
};

/**
 * Machines that load a server together must begin together, or each measures another moment of it. The limit is a tenth of the
 * load before each window, so that all have begun when the first window does.
 */
export const agentsTogether: OfLoad = {
  id: "agents-together",
  title: "agents together",
  compares:
    "how far from the common start an agent began, its clock's own error included, and whether one was lost",
  passes: "at most",
  limit: 5e6,
  consequence: "invalid",
  passesUnobserved: false,
  observe: ({ load: { agents } }) => {
    if (agents === undefined) return null;
    const lost = agents.flatMap(({ name, lost: why }) => (why === null ? [] : [`${name} was lost (${why})`]));
    const present = agents.filter((agent) => agent.lost === null);
    const errors = present.flatMap(({ name, startErrorNs, clockErrorNs }) =>
      startErrorNs === null ? [] : [{ name, ns: Math.abs(startErrorNs) + (clockErrorNs ?? 0) }],
    );
    const worst = errors.reduce<(typeof errors)[number] | null>(
      (a, b) => (a === null || b.ns > a.ns ? b : a),
      null,
    );
    if (lost.length > 0)
      return { value: worst?.ns ?? null, message: `the agent ${lost.join(", and ")}`, passed: false };
    if (worst === null || errors.length < present.length)
      return {
        value: null,
        message: "nobody knows whether all began together, for some had no moment to begin at",
      };
    const { name, ns } = worst;
    return {
      value: ns,
      message: `the agent ${name} began up to ${(ns / 1e6).toFixed(2)} ms from the others`,
    };
  },
};

/** An open-loop generator spins by design, so being busy says nothing there; the rate check does. */
export const clientSaturated: OfBothSides = {
  id: "client-saturated",
  title: "client saturated",
  compares: "the share of the window in which the busiest generator thread was on its CPU",
  passes: "at most",
  limit: 0.85,
  consequence: "client-limited",
  passesUnobserved: false,
  observe: ({ loop, load, serverCpuCount }) => {
    if (loop === "open") return load.search === undefined ? null : searchToTheEnd(load.search);
    const busiest = Math.max(0, ...load.clientBusyShare);
    const server = serverLoad(load, serverCpuCount);
    const owner = busiestAgent(load);
    return {
      value: busiest,
      message:
        `the busiest generator thread${owner === null ? "" : ` (of the agent ${owner})`} used ` +
        `${percentage(busiest)} of its CPU, ${server.words}`,
      ...(server.isSaturated ? { passed: true } : {}),
    };
  },
};

/** Null when one machine made the load. */
function busiestAgent({ agents = [] }: LoadResult): string | null {
  const [first, ...others] = agents;
  if (first === undefined) return null;
  return others.reduce((a, b) => ((b.busyShare ?? 0) > (a.busyShare ?? 0) ? b : a), first).name;
}

/**
 * A generator that is kept from its CPU by others, throttled by a quota, or on the server's CPU, is as much a limit as a
 * busy one, though it looks idle. Undisturbed it waits under 6 %. In the open loop send lag shows the same more sharply.
 */
export const clientKeptWaiting: OfBothSides = {
  id: "client-kept-waiting",
  title: "client kept waiting",
  compares: "the share of the window in which a generator thread could have run and waited for its CPU",
  passes: "at most",
  limit: 0.1,
  consequence: "client-limited",
  passesUnobserved: true,
  observe: ({ loop, load, serverCpuCount }) => {
    if (loop === "open") return null;
    if (load.clientWaitShare === null) {
      return {
        value: null,
        message:
          "how long the generator waited for its CPU was not observed: the window ended early, or this kernel does not count it",
      };
    }
    const longest = Math.max(0, ...load.clientWaitShare);
    const server = serverLoad(load, serverCpuCount);
    return {
      value: longest,
      message: `a generator thread waited for a CPU in ${percentage(longest)} of the window, ${server.words}`,
      ...(server.isSaturated ? { passed: true } : {}),
    };
  },
};

function serverLoad(
  { serverCpuNs, windowSeconds }: LoadResult,
  cpuCount: number,
): { isSaturated: boolean; words: string } {
  if (serverCpuNs === null) return { isSaturated: false, words: "the server's CPU time is unknown" };
  const busy = serverCpuNs / (windowSeconds * 1e9 * cpuCount);
  return { isSaturated: busy >= SERVER_SATURATED, words: `the server used ${percentage(busy)} of its` };
}

/** A search that was not ended by the objective leaves open how much more the server can do. */
function searchToTheEnd({ limitedBy, limitPerSecond, steps }: CapacitySearch): Reading {
  const last = steps.findLast(({ outcome }) => outcome === "generator");
  const rate = limitPerSecond === null ? null : Math.round(limitPerSecond);
  const messages = {
    objective: `the objective was missed at ${rate} requests per second`,
    generator: `the load generator could not keep its schedule at ${rate} requests per second (${last?.reason})`,
    steps: `the search ended after ${steps.length} loads, before the objective was missed twice at one rate`,
  };
  return {
    value: limitPerSecond,
    limit: null,
    message: messages[limitedBy],
    passed: limitedBy === "objective",
  };
}

export const rateOffered: OfLoad = {
  id: "rate-offered",
  title: "rate offered",
  compares: "the share of the scheduled requests that were sent inside the window",
  passes: "at least",
  limit: 0.99,
  consequence: "invalid",
  passesUnobserved: false,
  observe: ({ loop, load: { scheduled, sentInWindow } }) => {
    if (loop !== "open") return null;
    if (scheduled === null || sentInWindow === null || scheduled === 0)
      return { value: null, message: "no request fell due in the window" };
    const value = sentInWindow / scheduled;
    return { value, message: `${percentage(value)} of the scheduled requests were sent in time` };
  },
};

/**
 * Latency runs from the intended moment, so the generator's own lateness is in it. What it adds is seen by taking it off
 * request by request, and must be small beside the latency at the same percentile. Under an objective it may also be small
 * beside what the objective allows, since it could only have made the latency longer.
 */
export const sendLag: CheckDefinition<Pick<Observation, "loop" | "load" | "objective">> = {
  id: "send-lag",
  title: "send lag",
  compares:
    "what the generator's own lateness added to the latency, at each published percentile, with a share of it",
  passes: "at most",
  limit: null,
  consequence: "invalid",
  passesUnobserved: false,
  observe: ({ loop, load: { stages, latency, search }, objective }) => {
    if (loop !== "open") return null;
    const fromSend = stages["fromSend"]?.latencyNs;
    if (fromSend === undefined || latency === null)
      return { value: null, message: "send lag was not observed" };
    const searched = search === undefined ? objective : parseObjective(search.objective);
    const conditions = searched ?? SEND_LAG_PERCENTILES.map((percentile) => ({ percentile, limitNs: 0 }));
    const margins = conditions.map(({ percentile, limitNs }) => {
      const beside = Math.max(latency.latencyNs[percentile], limitNs);
      return {
        percentile: percentileName(percentile),
        value: Math.max(0, latency.latencyNs[percentile] - fromSend[percentile]),
        limit: Math.max(SEND_LAG_LEAST_NS, beside * SEND_LAG_SHARE_LIMIT),
      };
    });
    const { value, limit, percentile } = margins.reduce((a, b) =>
      b.value / b.limit > a.value / a.limit ? b : a,
    );
    const micro = (ns: number): string => `${(ns / 1000).toFixed(1)} µs`;
    return {
      value,
      limit,
      message: `the generator's own lateness added ${micro(value)} to the latency at ${percentile} (limit ${micro(limit)})`,
    };
  },
};

/** In flight must equal throughput times mean latency, or the generator lost or invented time. */
export const littlesLaw: OfLoad = {
  id: "littles-law",
  title: "Little's law",
  compares: "throughput times mean latency with the requests in flight, as a relative difference",
  passes: "at most",
  limit: 0.02,
  consequence: "invalid",
  passesUnobserved: false,
  observe: ({ loop, load: { operations, windowSeconds, latency, edgeInFlight, meanInFlight } }) => {
    if (loop !== "closed") return null;
    if (latency === null || meanInFlight === null || meanInFlight === 0)
      return { value: null, message: "requests in flight were not observed" };
    const expected = (operations / windowSeconds) * (latency.meanNs / 1e9) + (edgeInFlight ?? 0);
    const value = Math.abs(expected / meanInFlight - 1);
    return {
      value,
      message: `throughput times mean latency differs from the requests in flight by ${percentage(value)}`,
    };
  },
};
