/**
 * Open loop: requests fall due on a schedule fixed in advance, whatever the server does, and latency runs from the
 * intended moment to the answer. Each offered rate is a cell of its own; together they are the server's latency curve.
 */
import type { BenchOptions, Parameters, Scenario } from "../harness/contract.ts";

function parameters(options: BenchOptions): Parameters[] {
  const rates =
    options.ratesPerSecond ?? (options.effort === "full" ? [1000, 5000, 10_000, 20_000, 40_000] : [10_000]);
  const connectionCounts = options.connections ?? [64];
  const payloads = options.payloadBytes ?? [64];
  return rates.flatMap((ratePerSecond) =>
    connectionCounts.flatMap((connections) =>
      payloads.map((payloadBytes) => ({ ratePerSecond, connections, payloadBytes, arrivals: "poisson" })),
    ),
  );
}

export default {
  name: "latency",
  description: "latency from the intended send time at a fixed offered rate, Poisson arrivals",
  loop: "open",
  operations: "echoes",
  tier: "default",
  parameters,
  measure: ({ parameters: { ratePerSecond, connections, payloadBytes }, load }) =>
    load({
      loop: "open",
      arrivals: "poisson",
      ratePerSecond: Number(ratePerSecond),
      connections: Number(connections),
      payloadBytes: Number(payloadBytes),
      pipeline: 1,
    }),
} satisfies Scenario;
