/** An echo server in C++ on the reactor's driver, once for each multiplexer: the ceiling, with no JavaScript per event. */
import type { Framework, ListenOptions, RunningServer, Variant } from "../../harness/contract.ts";
import { multiplexers, type Multiplexer } from "../../reactor/index.ts";
import { startNativeEcho } from "../../reactor/native-echo.ts";

const framework: Framework = {
  name: "native-echo",
  description: "The reactor's C++ driver with a C++ echo handler in one thread, and no JavaScript per event.",
  variants: () => multiplexers().map(variantOn),
  listen,
};
export default framework;

function variantOn({ name, description, waitsIn, obstacle }: Multiplexer): Variant {
  return {
    name,
    description: `Sleeps in ${description}.`,
    protocols: ["tcp"],
    tier: "named",
    shardable: false,
    handledBy: "C++ in a thread of its own",
    backEnd: { waitsIn: waitsIn.split(" "), besides: [] },
    availability: async () =>
      obstacle === null
        ? { available: true, version: `this project's C++ on Linux` }
        : { available: false, reason: obstacle },
  };
}

async function listen({ host, port, reusePort, variant }: ListenOptions): Promise<RunningServer> {
  const server = await startNativeEcho({ host, port, reusePort, multiplexer: variant });
  return {
    port: server.port,
    counters: async () => server.counters(),
    close: async () => {
      server.close();
    },
  };
}
