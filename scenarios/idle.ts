/**
 * Many idle connections beside a few active ones. The cost of an echo then shows how the cost of its multiplexer grows
 * with the connections it watches, whether or not anything happens on them.
 */
import type { BenchOptions, Parameters, Scenario } from "../harness/contract.ts";

function parameters(options: BenchOptions): Parameters[] {
  const isFull = options.effort === "full";
  const idleCounts =
    options.idleConnections ?? (isFull ? [0, 100, 1000, 3000, 10_000, 18_000] : [0, 1000, 10_000]);
  const active = options.connections ?? (isFull ? [1, 32] : [32]);
  const payloads = options.payloadBytes ?? [64];
  return active.flatMap((connections) =>
    payloads.flatMap((payloadBytes) =>
      idleCounts.map((idleConnections) => ({ idleConnections, connections, payloadBytes })),
    ),
  );
}

export default {
  name: "idle",
  description: "CPU per echo on a few active connections beside many idle ones",
  loop: "closed",
  operations: "echoes",
  tier: "named",
  // Many servers close idle HTTP and WebSocket connections, as they should; raw TCP has no such rule.
  protocols: ["tcp"],
  parameters,
  workload: ({ idleConnections, connections, payloadBytes }) => ({
    idleConnections: Number(idleConnections),
    load: {
      loop: "closed",
      connections: Number(connections),
      payloadBytes: Number(payloadBytes),
      pipeline: 1,
    },
  }),
} satisfies Scenario;
