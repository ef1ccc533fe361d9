/** The load generator's histogram: it records every latency, so what this takes is a part of each request's cost. */
import { addon } from "../../../native/index.ts";
import { requireSame, type Piece } from "../piece.ts";

export default [
  {
    ...{
      framework: "histogram",
      variant: "record",
      protocol: "none",
      calls: 100_000,
      obstacle: () => null,
      isAsync: false,
    },
    parameters: { work: "one latency recorded" },
    prepare: async () => {
      requireSame("The number of recorded latencies", addon.micro.recordLatencies(1000), 1000);
      return { run: (calls) => void addon.micro.recordLatencies(calls), close: () => undefined };
    },
  },
] satisfies Piece[];
