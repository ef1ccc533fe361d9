/** This project's TypeScript reactor, once for each multiplexer; the codecs are those of node-net. */
import type { Framework, ListenOptions, RunningServer, Variant } from "../../harness/contract.ts";
import { listen as listenOn, multiplexers, udp, type Multiplexer } from "../../reactor/index.ts";
import { echoHandlers } from "./echo-connection.ts";

/** What the load generator may send. */
const LARGEST_BYTES = 65_504;

const framework: Framework = {
  name: "reactor",
  description: "readymark/reactor: one TypeScript handler on any multiplexer, one crossing per batch.",
  variants: () => multiplexers().map(variantOn),
  listen,
};
export default framework;

function variantOn({ name, description, waitsIn, obstacle }: Multiplexer): Variant {
  return {
    name,
    description: `Sleeps in ${description}.`,
    protocols: ["tcp", "http", "ws", "udp", "discard"],
    // Six variants would not fit into the time of a bench, so the others are measured when they are named.
    tier: name === "epoll" ? "quick" : "named",
    shardable: true,
    backEnd: { waitsIn: waitsIn.split(" "), besides: [] },
    availability: async () =>
      obstacle === null
        ? { available: true, version: `this project's reactor on Node.js ${process.version}` }
        : { available: false, reason: obstacle },
  };
}

async function listen(options: ListenOptions): Promise<RunningServer> {
  return options.protocol === "udp" ? receive(options) : accept(options);
}

async function receive({ host, port, reusePort, variant }: ListenOptions): Promise<RunningServer> {
  const server = await udp({
    ...{ host, port, reusePort, multiplexer: variant, largestBytes: LARGEST_BYTES },
    socket: { data: (socket, chunk, from) => socket.send(chunk, from) },
  });
  return { port: server.port, close: async () => server.close() };
}

async function accept({ protocol, host, port, reusePort, variant }: ListenOptions): Promise<RunningServer> {
  let accepted = 0;
  const server = await listenOn({
    ...{ host, port, reusePort, multiplexer: variant },
    socket: { ...echoHandlers(protocol), open: () => void (accepted += 1) },
  });
  return {
    port: server.port,
    connectionsPerShard: async () => [accepted],
    counters: async () => server.counters(),
    close: () => server.terminate(),
  };
}
