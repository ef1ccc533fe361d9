/**
 * Runs any other framework in several worker threads that listen on one port. The kernel spreads the connections over
 * them by SO_REUSEPORT; no connection is handed from one thread to another.
 */
import type {
  Framework,
  ListenOptions,
  Peer,
  PeerModule,
  RunningServer,
  Variant,
} from "../../harness/contract.ts";
import { startOnOnePort } from "../../reactor/threads.ts";
import { startShard, type Shard } from "./shard-handle.ts";

const framework: Framework = {
  name: "worker-shards",
  description:
    "Worker threads that each run another framework on one port; the kernel spreads the connections.",
  wrapsPeers: true,
  variants: (peers) =>
    peers.flatMap((peer) =>
      peer.variants.filter((inner) => inner.shardable).map((inner) => shardedVariant(peer, inner)),
    ),
  listen,
};
export default framework;

function shardedVariant(peer: Peer, inner: Variant): Variant {
  return {
    name: shardedName(peer.name, inner.name),
    description: `One worker thread per shard, each with its own ${peer.name} (${inner.name}) on the shared port.`,
    protocols: inner.protocols,
    // A bench has to end in time, so it shards only servers of one variant that also run unsharded in it and speak
    // every protocol's common ground, raw TCP. The others run when they are named.
    tier:
      inner.name === "default" && inner.protocols.includes("tcp") && inner.tier !== "named"
        ? "default"
        : "named",
    shardable: false,
    ...(inner.deviations === undefined ? {} : { deviations: inner.deviations }),
    ...(inner.backEnd === undefined ? {} : { backEnd: inner.backEnd }),
    availability: () => inner.availability(),
  };
}

function shardedName(peer: string, variant: string): string {
  return variant === "default" ? peer : `${peer}-${variant}`;
}

async function listen(options: ListenOptions): Promise<RunningServer> {
  const { peer, variant } = innerOf(options);
  const shards = await startOnOnePort(
    options.shards,
    options.port,
    (index, port) =>
      startShard(
        {
          moduleUrl: peer.moduleUrl,
          options: { ...options, variant, port, reusePort: true, shards: 1, peers: [] },
        },
        `shard ${index + 1} of ${options.shards} over ${peer.name}`,
      ),
    (shard) => shard.close(),
  );
  const { port } = shards[0]!;
  const server: RunningServer = { port, close: () => closeAll(shards) };
  if (!shards.every((shard) => shard.counts)) return server;
  return { ...server, connectionsPerShard: () => Promise.all(shards.map((shard) => shard.accepted())) };
}

function innerOf(options: ListenOptions): { peer: PeerModule; variant: string } {
  for (const peer of options.peers) {
    for (const variant of peer.variants) {
      if (shardedName(peer.name, variant) === options.variant) return { peer, variant };
    }
  }
  throw new Error(
    `worker-shards has no variant "${options.variant}"; pass it the peers whose variants it was built from.`,
  );
}

async function closeAll(shards: readonly Shard[]): Promise<void> {
  await Promise.all(shards.map((shard) => shard.close()));
}
