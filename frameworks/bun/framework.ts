/** Bun's own servers, in a process of Bun: Bun.listen for tcp, Bun.serve for HTTP and WebSocket. */
import { join } from "node:path";
import type { Framework, Variant } from "../../harness/contract.ts";
import { availabilityOf, serveIn, type Runtime } from "../../extras/runtimes/runtime.ts";

const BUN: Runtime = { packageName: "bun", program: "bun/bin/bun.exe" };

const CUT_OFF = "It closes at the client's FIN and drops the answers that the kernel has not taken yet.";

const variant: Variant = {
  name: "default",
  description: "One thread of Bun, without anything of Node.js.",
  protocols: ["tcp", "http", "ws"],
  tier: "default",
  shardable: false,
  handledBy: "Bun in a process of its own",
  deviations: [
    {
      protocol: "http",
      caseName: "loses nothing when the client reads late",
      occurs: "sometimes",
      reason: "It closes a connection with several requests in flight before the last answer is sent whole.",
    },
    {
      protocol: "http",
      caseName: "sends all answers after the client's FIN when the client reads late",
      occurs: "sometimes",
      reason: CUT_OFF,
    },
    {
      protocol: "ws",
      caseName: "sends all answers after the client's FIN when the client reads late",
      occurs: "sometimes",
      reason: CUT_OFF,
    },
  ],
  availability: () => availabilityOf(BUN),
};

export default {
  name: "bun",
  description: "The servers that Bun brings along.",
  variants: () => [variant],
  listen: (options) => serveIn(BUN, [join(import.meta.dirname, "server.js")], options),
} satisfies Framework;
