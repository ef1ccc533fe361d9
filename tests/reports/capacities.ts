/** Made-up searches for the capacity under a latency objective. Nothing in them was measured. */
import type {
  CapacitySearch,
  Cell,
  Percentiles,
  Run,
  Sample,
  SearchStep,
} from "../../harness/results/run.ts";
import { cellStatus, summarise } from "../../harness/results/summary.ts";
import { fixtureRun } from "./fixture.ts";

export const OBJECTIVE = "p99<1ms";

/** A server whose latency rises from 100 µs to 1 ms at the rate `knee`, and steeply beyond. */
export function searchUpTo(
  knee: number,
  limitedBy: CapacitySearch["limitedBy"] = "objective",
): CapacitySearch {
  const rates = [0.5, 0.7, 0.98, 1.05].map((share) => share * knee);
  const steps = rates.map((rate): SearchStep => {
    const outcome = rate <= knee ? "met" : limitedBy === "generator" ? "generator" : "missed";
    const p99 = 1e5 * 10 ** ((rate / knee) ** 6);
    const latencyNs: Percentiles = { p50: p99 / 4, p90: p99 / 2, p99, p99_9: 2 * p99, max: 3 * p99 };
    const reason = outcome === "met" ? null : `p99 was ${(p99 / 1e6).toPrecision(3)} ms`;
    return { ratePerSecond: rate, achievedPerSecond: rate, windowSeconds: 0.4, latencyNs, outcome, reason };
  });
  return {
    objective: OBJECTIVE,
    estimatePerSecond: knee,
    capacityPerSecond: 0.98 * knee,
    limitPerSecond: 1.05 * knee,
    limitedBy,
    steps,
  };
}

/** The latency cells of the fixture as searches: one knee a round for each server, or how its search ended. */
export function capacityRun(
  servers: Record<string, { knees: number[]; limitedBy?: CapacitySearch["limitedBy"] }>,
): Run {
  const run = fixtureRun();
  const model = run.cells.find(({ scenario, status }) => scenario === "latency" && status === "ok") as Cell;
  const cells = Object.entries(servers).map(([server, { knees, limitedBy }]): Cell => {
    const [framework = server, variant = "default"] = server.split("/");
    const samples = knees.map((knee, round) => sampleOf(model, round, searchUpTo(knee, limitedBy)));
    return {
      ...structuredClone(model),
      id: `${server}/tcp/latency/objective=${OBJECTIVE}`,
      framework,
      variant,
      parameters: { objective: OBJECTIVE, connections: 64, payloadBytes: 64, arrivals: "poisson" },
      samples,
      ...cellStatus(samples, samples.length),
      summary: summarise(samples, "echoes"),
    };
  });
  return { ...run, cells };
}

function sampleOf(model: Cell, round: number, search: CapacitySearch): Sample {
  const sample = structuredClone(model.samples[0]) as Sample;
  if (sample.load !== null) sample.load.search = search;
  if (sample.validity !== null && search.limitedBy !== "objective")
    sample.validity.verdict = "client-limited";
  return { ...sample, round };
}

/** Three servers, one of them faster than the generator. */
export const CAPACITY_RUN = capacityRun({
  acorn: { knees: [40_000, 42_000, 41_000, 39_000, 43_000] },
  "birch/epoll": { knees: [80_000, 82_000, 81_000, 79_000, 83_000] },
  "cedar-native/epoll": { knees: [90_000, 91_000, 92_000, 93_000, 94_000], limitedBy: "generator" },
});
