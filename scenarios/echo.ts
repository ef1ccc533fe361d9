/**
 * Closed loop: every connection keeps `pipeline` requests in flight, so the server is always busy. This finds its
 * capacity and the CPU time an echo costs. The latency is service time, which says little about users who do not wait.
 */
import type { BenchOptions, Parameters, Scenario } from "../harness/contract.ts";

function parameters(options: BenchOptions): Parameters[] {
  const isFull = options.effort === "full";
  const connectionCounts = options.connections ?? (isFull ? [1, 64, 512] : [64]);
  const payloads = options.payloadBytes ?? (isFull ? [64, 16_384] : [64]);
  const depths = options.pipeline ?? (isFull ? [1, 16] : [1]);
  return connectionCounts.flatMap((connections) =>
    payloads.flatMap((payloadBytes) => depths.map((pipeline) => ({ connections, payloadBytes, pipeline }))),
  );
}

export default {
  name: "echo",
  description: "capacity and CPU per echo, with every connection always waiting for an answer",
  loop: "closed",
  operations: "echoes",
  tier: "quick",
  protocols: ["tcp", "http", "ws", "udp"],
  usualProtocols: ["tcp", "http", "ws"],
  parameters,
  workload: ({ connections, payloadBytes, pipeline }) => ({
    load: {
      loop: "closed",
      connections: Number(connections),
      payloadBytes: Number(payloadBytes),
      pipeline: Number(pipeline),
    },
  }),
} satisfies Scenario;
