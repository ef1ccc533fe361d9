/** One blocking thread for each connection, in C++: what multiplexing replaced. */
import type { Framework, RunningServer, Variant } from "../../harness/contract.ts";
import { addon } from "../../native/index.ts";

const variant: Variant = {
  name: "default",
  description:
    "A blocking accept, and a blocking thread with a stack of its own for each connection; no event loop.",
  protocols: ["tcp"],
  tier: "named",
  shardable: false,
  handledBy: "C++ in a thread for each connection",
  backEnd: { waitsIn: ["recvfrom", "accept4", "accept"], besides: [] },
  availability: async () => ({ available: true, version: "this checkout" }),
};

const framework: Framework = {
  name: "thread-per-connection",
  description: "Blocking sockets and one thread per client, what servers did before select.",
  variants: () => [variant],
  listen: async ({ host, port }): Promise<RunningServer> => {
    try {
      const server = new addon.blocking.BlockingEcho(host, port);
      return { port: server.port, close: async () => server.close() };
    } catch (error) {
      throw new Error(
        `thread-per-connection could not listen on ${host}:${port} (${(error as Error).message}); ` +
          "choose another port, or stop what holds it.",
        { cause: error },
      );
    }
  },
};
export default framework;
