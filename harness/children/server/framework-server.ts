/** Starts a framework of this project as a server under test, in a fresh process of its own. */
import { withinSeconds } from "../../machine/time-limit.ts";
import { join } from "node:path";
import type { ListenOptions, PeerModule } from "../../contract.ts";
import { processTree } from "../../machine/proc.ts";
import { nodeProgram } from "../node-program.ts";
import { spawnSupervised, type Supervised } from "../../machine/supervised.ts";
import type { FromServer } from "./server-messages.ts";
import { LOOPBACK, StartError, type ServerSource, type ServerUnderTest } from "./server.ts";

const START_LIMIT_SECONDS = 15;
const ANSWER_LIMIT_SECONDS = 5;

/** A variant of a framework, and what it is started with. */
export interface FrameworkServer {
  /** The `file:` address of the framework's module. */
  moduleUrl: string;
  variant: string;
  /** For one that wraps them. */
  peers: readonly PeerModule[];
  /** Added to the environment of the process. */
  environment?: Readonly<Record<string, string>> | undefined;
  /** The binary of Node.js; that of this process when absent or null. */
  node?: string | null;
  /** The IPv4 address it listens on; loopback when absent. */
  host?: string;
  /** Whether other processes may listen on its port, too. */
  sharesPort?: boolean;
}

export function frameworkSource({
  moduleUrl,
  variant,
  peers,
  environment = {},
  node = null,
  host = LOOPBACK,
  sharesPort = false,
}: FrameworkServer): ServerSource {
  return async ({ protocol, cpus, shards, port }) => {
    const child = spawnSupervised({
      ...nodeProgram(join(import.meta.dirname, "server-process"), node),
      cpus,
      env: { ...process.env, ...environment },
      ipc: true,
    });
    try {
      const options: ListenOptions = {
        protocol,
        variant,
        host,
        port,
        reusePort: sharesPort,
        shards,
        peers,
      };
      child.send({ kind: "listen", moduleUrl, options });
      const listening = await withinSeconds(
        START_LIMIT_SECONDS,
        "starting to listen",
        answerOf(child, "listening"),
      );
      return running(child, host, listening.port, listening.pid);
    } catch (error) {
      await child.kill();
      throw new StartError(error instanceof Error ? error.message : String(error), child.stderrTail());
    }
  };
}

function running(child: Supervised, host: string, port: number, pid: number): ServerUnderTest {
  return {
    host,
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
