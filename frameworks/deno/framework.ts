/** Deno's own servers, in a process of Deno: Deno.listen for tcp, Deno.serve for HTTP and WebSocket. */
import { join } from "node:path";
import type { Framework, Variant } from "../../harness/contract.ts";
import { availabilityOf, serveIn, type Runtime } from "../../extras/runtimes/runtime.ts";

const DENO: Runtime = {
  packageName: "deno",
  program: `@deno/linux-${process.arch === "arm64" ? "arm64" : "x64"}-glibc/deno`,
};

const FIN =
  "It takes a client's FIN for the end of the connection while it reads the request, and answers 500.";

const variant: Variant = {
  name: "default",
  description: "One thread of JavaScript in Deno, without anything of Node.js.",
  protocols: ["tcp", "http", "ws"],
  tier: "default",
  shardable: false,
  handledBy: "Deno in a process of its own",
  deviations: [
    {
      protocol: "http",
      caseName: "answers an HTTP/1.0 request and closes",
      occurs: "always",
      reason: 'It answers with the status line "HTTP/1.0 200 OK".',
    },
    {
      protocol: "http",
      caseName: "answers after the client's FIN, then closes",
      occurs: "sometimes",
      reason: FIN,
    },
    {
      protocol: "http",
      caseName: "sends all answers after the client's FIN when the client reads late",
      occurs: "sometimes",
      reason: FIN,
    },
    {
      protocol: "ws",
      caseName: "refuses a frame without a mask",
      occurs: "always",
      reason: "It answers the frame as if it had a mask.",
    },
  ],
  availability: () => availabilityOf(DENO),
};

export default {
  name: "deno",
  description: "The servers that Deno brings along.",
  variants: () => [variant],
  listen: (options) =>
    serveIn(DENO, ["run", "--quiet", "--allow-net", join(import.meta.dirname, "server.js")], options),
} satisfies Framework;
