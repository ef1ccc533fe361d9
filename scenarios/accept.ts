/**
 * Churn: every connection is opened, echoes once and is closed, over and over. This measures what a connection costs a
 * server, rather than a message.
 */
import type { BenchOptions, Parameters, Scenario } from "../harness/contract.ts";

function parameters(options: BenchOptions): Parameters[] {
  const connectionCounts = options.connections ?? [64];
  const payloads = options.payloadBytes ?? [64];
  const closeModes = options.effort === "full" ? ["fin", "rst"] : ["fin"];
  return connectionCounts.flatMap((connections) =>
    payloads.flatMap((payloadBytes) =>
      closeModes.map((closeMode) => ({ connections, payloadBytes, closeMode })),
    ),
  );
}

export default {
  name: "accept",
  description: "connections per second: connect, one verified echo, close",
  loop: "churn",
  operations: "accepts",
  tier: "default",
  protocols: ["tcp", "http", "ws"],
  usualProtocols: ["tcp", "http"],
  parameters,
  workload: ({ connections, payloadBytes, closeMode }) => ({
    load: {
      loop: "churn",
      connections: Number(connections),
      payloadBytes: Number(payloadBytes),
      pipeline: 1,
      closeMode: closeMode === "rst" ? "rst" : "fin",
    },
  }),
} satisfies Scenario;
