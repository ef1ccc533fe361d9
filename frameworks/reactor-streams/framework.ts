/** The reactor's connections as streams of Node.js: what `duplex` costs over handlers, and beside node-net. */
import type { Framework, ListenOptions, RunningServer, Variant } from "../../harness/contract.ts";
import { duplex, listen as listenOn, multiplexers, type Multiplexer } from "../../reactor/index.ts";

const framework: Framework = {
  name: "reactor-streams",
  description: "readymark/reactor under stream.pipe: duplex(socket) on any multiplexer.",
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
    backEnd: { waitsIn: waitsIn.split(" "), besides: [] },
    availability: async () =>
      obstacle === null
        ? { available: true, version: `this project's reactor on Node.js ${process.version}` }
        : { available: false, reason: obstacle },
  };
}

async function listen({ host, port, variant }: ListenOptions): Promise<RunningServer> {
  const server = await listenOn({
    host,
    port,
    multiplexer: variant,
    socket: {
      open: (socket) => {
        const stream = duplex(socket, { allowHalfOpen: true });
        // A connection that was reset is an ordinary close: the stream destroys itself, and no other is affected.
        stream.on("error", () => undefined);
        stream.pipe(stream);
      },
    },
  });
  return {
    port: server.port,
    counters: async () => server.counters(),
    close: () => server.terminate(),
  };
}
