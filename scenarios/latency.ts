/**
 * Open loop: requests are due on a schedule fixed in advance, whatever the server does, and latency runs from the
 * intended moment to the answer. Each offered rate is a cell of its own; together they are the server's latency curve.
 * With an objective the cell is a search instead, for the highest rate at which the objective is met.
 */
import type { BenchOptions, Parameters, Scenario } from "../harness/contract.ts";

function parameters(options: BenchOptions): Parameters[] {
  const rates =
    options.ratesPerSecond ?? (options.effort === "full" ? [1000, 5000, 10_000, 20_000, 40_000] : [10_000]);
  const { objective } = options;
  const offered: Parameters[] =
    objective === null ? rates.map((ratePerSecond) => ({ ratePerSecond })) : [{ objective }];
  const connectionCounts = options.connections ?? [64];
  const payloads = options.payloadBytes ?? [64];
  return offered.flatMap((one) =>
    connectionCounts.flatMap((connections) =>
      payloads.map((payloadBytes) => ({ ...one, connections, payloadBytes, arrivals: "poisson" })),
    ),
  );
}

export default {
  name: "latency",
  description:
    "latency from the intended send time at a fixed offered rate, or the highest rate within --slo",
  loop: "open",
  operations: "echoes",
  tier: "default",
  protocols: ["tcp", "http", "ws"],
  usualProtocols: ["http"],
  parameters,
  workload: ({ objective, ratePerSecond, connections, payloadBytes }) => ({
    ...(objective === undefined ? {} : { objective: String(objective) }),
    load: {
      loop: "open",
      ...(ratePerSecond === undefined ? {} : { ratePerSecond: Number(ratePerSecond) }),
      arrivals: "poisson",
      connections: Number(connections),
      payloadBytes: Number(payloadBytes),
      pipeline: 1,
    },
  }),
} satisfies Scenario;
