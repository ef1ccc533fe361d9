/**
 * A crowd of silent connections beside a few busy ones. What a server pays for an echo then shows how its multiplexer
 * grows with the connections it watches, whether or not anything happens on them.
 */
import type { BenchOptions, Parameters, Scenario } from "../harness/contract.ts";

function parameters(options: BenchOptions): Parameters[] {
  const isFull = options.effort === "full";
  const crowds =
    options.idleConnections ?? (isFull ? [0, 100, 1000, 3000, 10_000, 18_000] : [0, 1000, 10_000]);
  const active = options.connections ?? (isFull ? [1, 32] : [32]);
  const payloads = options.payloadBytes ?? [64];
  return active.flatMap((connections) =>
    payloads.flatMap((payloadBytes) =>
      crowds.map((idleConnections) => ({ idleConnections, connections, payloadBytes })),
    ),
  );
}

export default {
  name: "idle",
  description: "CPU per echo on a few connections while a crowd of others stays silent",
  loop: "closed",
  operations: "echoes",
  tier: "named",
  // A silent HTTP or WebSocket client is closed by many servers, and has to be; raw TCP knows no such rule.
  protocols: ["tcp"],
  parameters,
  measure: async ({ parameters: { idleConnections, connections, payloadBytes }, hold, load }) => {
    await hold(Number(idleConnections));
    return load({
      loop: "closed",
      connections: Number(connections),
      payloadBytes: Number(payloadBytes),
      pipeline: 1,
    });
  },
} satisfies Scenario;
