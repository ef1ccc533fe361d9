/**
 * Streaming: a few connections carry a stream and never wait, because the next megabyte is under way before the last one was
 * answered. Over tcp it goes both ways at once: one operation is one megabyte (10^6 bytes) there and back, so the throughput is
 * MB/s each way, and the CPU per operation is what a megabyte costs to read and to write again. Over discard it goes one
 * way: the server throws it away and says how much it has had, so the CPU per operation is that of reading alone.
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
    "megabytes per second on connections that never pause: there and back at once (tcp), or one way (discard)",
  loop: "closed",
  operations: "MB",
  tier: "named",
  // Over the other protocols a megabyte is one message, and most servers limit or gather those.
  protocols: ["tcp", "discard"],
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
