/** Starts a framework of this project as a server under test, in a fresh process of its own. */
import { join } from "node:path";
import type { ListenOptions, PeerModule } from "../contract.ts";
import { peersOf, type DiscoveredFramework } from "../discovery.ts";
import { processTree } from "../processes/proc.ts";
import { spawnSupervised, type Supervised } from "../processes/supervised.ts";
import { PROJECT_ROOT } from "../project.ts";
import type { FromServer } from "../serve/messages.ts";
import { StartError, withinSeconds, type ServerSource, type ServerUnderTest } from "./server.ts";

const HOST = "127.0.0.1";
const START_LIMIT_SECONDS = 15;
const ANSWER_LIMIT_SECONDS = 5;

/** The source of one variant; `frameworks` are all there are, for a framework that wraps its peers. */
export function frameworkSource(
  { moduleUrl }: DiscoveredFramework,
  variant: string,
  frameworks: readonly DiscoveredFramework[],
): ServerSource {
  const peers = peersOf(frameworks).map((peer) => ({
    name: peer.name,
    moduleUrl: peer.moduleUrl,
    variants: peer.variants.map(({ name }) => name),
  }));
  return frameworkServer(moduleUrl, variant, peers);
}

function frameworkServer(moduleUrl: string, variant: string, peers: readonly PeerModule[]): ServerSource {
  return async ({ protocol, cpus, shards, port }) => {
    const child = spawnSupervised({
      command: process.execPath,
      args: ["--disable-warning=ExperimentalWarning", join(PROJECT_ROOT, "harness", "serve", "process.ts")],
      cpus,
      ipc: true,
    });
    try {
      const options: ListenOptions = {
        protocol,
        variant,
        host: HOST,
        port,
        reusePort: false,
        shards,
        peers,
      };
      child.send({ kind: "listen", moduleUrl, options });
      const listening = await withinSeconds(
        START_LIMIT_SECONDS,
        "starting to listen",
        answerOf(child, "listening"),
      );
      return running(child, listening.port, listening.pid);
    } catch (error) {
      await child.kill();
      throw new StartError(error instanceof Error ? error.message : String(error), child.stderrTail());
    }
  };
}

function running(child: Supervised, port: number, pid: number): ServerUnderTest {
  return {
    host: HOST,
    port,
    pids: () => processTree(pid),
    startedHere: true,
    stderrTail: child.stderrTail,
    connectionsPerShard: async () => {
      child.send({ kind: "connectionsPerShard" });
      const answer = answerOf(child, "connectionsPerShard");
      return (await withinSeconds(ANSWER_LIMIT_SECONDS, "counting connections per shard", answer)).counts;
    },
    counters: async () => {
      child.send({ kind: "counters" });
      return (await withinSeconds(ANSWER_LIMIT_SECONDS, "reading the counters", answerOf(child, "counters")))
        .counters;
    },
    ended: child.ended,
    stop: child.kill,
  };
}

/** The next answer of one kind; an error answer or the process's end rejects. */
function answerOf<Kind extends FromServer["kind"]>(
  child: Supervised,
  kind: Kind,
): Promise<Extract<FromServer, { kind: Kind }>> {
  return child.receive((raw) => {
    const message = raw as FromServer;
    if (message.kind === "error") throw new Error(message.message);
    return message.kind === kind ? (message as Extract<FromServer, { kind: Kind }>) : undefined;
  });
}
