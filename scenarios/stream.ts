/**
 * Streaming: a few connections carry a stream in both directions at once, and never wait, because the next megabyte is
 * under way before the last one is back. One operation is one megabyte (10^6 bytes) there and back, so the throughput is
 * MB/s each way, and the CPU per operation is what a megabyte costs to read and to write again.
 */
import type { BenchOptions, Parameters, Scenario } from "../harness/contract.ts";

const MEGABYTE = 1_000_000;
/** Two, so that one is being sent while the other comes back. */
const IN_FLIGHT = 2;

function parameters(options: BenchOptions): Parameters[] {
  const connectionCounts = options.connections ?? (options.effort === "full" ? [1, 16] : [1]);
  return connectionCounts.map((connections) => ({ connections }));
}

export default {
  name: "stream",
  description:
    "megabytes per second there and back at once, and the CPU of each, on connections that never pause",
  loop: "closed",
  operations: "MB",
  tier: "named",
  // Over the other protocols a megabyte is one message, and most servers limit or gather those.
  protocols: ["tcp"],
  parameters,
  workload: ({ connections }) => ({
    load: {
      loop: "closed",
      connections: Number(connections),
      payloadBytes: MEGABYTE,
      pipeline: IN_FLIGHT,
    },
  }),
} satisfies Scenario;
