/** One server in several worker threads: each serves the same port, and the kernel or an acceptor spreads the connections. */
import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { startAcceptor, type Acceptor } from "./acceptor.ts";
import { checkListenOptions, type Address, type CheckedOptions } from "./listen-options.ts";
import { ReactorError } from "./error.ts";
import { OptionChecks } from "./options.ts";
import type { ReactorCounters } from "../native/index.ts";
import { startOnOnePort, startThread, type Thread, type ThreadError } from "./threads.ts";

const MOST_SHARDS = 1024;
const COUNT_BYTES = 4;

export interface ShardedListenOptions extends Omit<Address, "reusePort" | "fd"> {
  /** How many worker threads; by default as many as the process can run at once. */
  shards?: number;
  /** A module whose default export is the handlers, `SocketHandlers`. Each shard imports it for itself. */
  module: URL;
  /**
   * Who spreads the connections. "kernel", the default, does it by a hash of their addresses and ports, at no cost.
   * "least-connections" has the calling thread accept all of them, and give each to the shard that has the fewest open.
   */
  balance?: "kernel" | "least-connections";
}

export interface ShardedServer {
  readonly port: number;
  /** What each shard's reactor did so far, in the order of the shards; `accepts` shows how connections spread. */
  counters(): Promise<ReactorCounters[]>;
  /** How many connections each shard has open, in the same order. */
  connections(): Promise<number[]>;
  /** Stops listening, closes connections as `Server.close` does, and resolves when all threads have ended. */
  close(): Promise<void>;
  /** Like `close`, but drops open connections with RST. */
  terminate(): Promise<void>;
}

/** What a shard's thread is started with. */
export interface ShardData {
  moduleUrl: string;
  address: CheckedOptions;
  /** Of this shard among all of them. */
  index: number;
  /** The open connections of each shard, as 32-bit integers, where an acceptor gives them out. */
  open: SharedArrayBuffer;
}

interface Shard {
  port: number;
  thread: Thread<number>;
}

/**
 * Serves one port in several worker threads, for work that one thread cannot do alone. Each new connection goes to one shard,
 * where it stays; the shards share nothing, so what they have in common belongs elsewhere.
 *
 *     // echo.ts
 *     import type { SocketHandlers } from "readymark/reactor";
 *     export default { data: (socket, chunk) => void socket.write(chunk) } satisfies SocketHandlers;
 *
 *     // main.ts
 *     const server = await listenSharded({ shards: 4, port: 7000, module: new URL("./echo.ts", import.meta.url) });
 *     const accepts = (await server.counters()).map((shard) => shard.accepts);
 *     await server.close();
 *
 * Rejects with a `ReactorError` when a shard cannot import the module or listen, and leaves no thread behind then. A
 * shard that ends later by itself, as when a handler throws, throws to the process (`uncaughtException`).
 */
export async function listenSharded(options: ShardedListenOptions): Promise<ShardedServer> {
  const check = new OptionChecks("listen");
  const count = check.integer("shards", options.shards ?? availableParallelism(), 1, MOST_SHARDS);
  const balance = check.oneOf("balance", options.balance ?? "kernel", ["kernel", "least-connections"]);
  if (!(options.module instanceof URL)) {
    throw check.error('The option module must be a URL, for example new URL("./echo.ts", import.meta.url).');
  }
  if (options.path !== undefined && balance === "kernel") {
    throw check.error(
      'The kernel spreads no connections of a Unix socket; with a path, the option balance must be "least-connections".',
    );
  }
  const moduleUrl = options.module.href;
  const checked = await checkListenOptions(options);
  const byKernel = balance === "kernel";
  const address = { ...checked, reusePort: byKernel, adoptsOnly: !byKernel };
  const open = new SharedArrayBuffer(count * COUNT_BYTES);
  const start = async (index: number, port: number): Promise<Shard> => {
    const data: ShardData = { moduleUrl, address: { ...address, port }, index, open };
    const thread = await startThread<number>(
      new URL(`./shard${extname(import.meta.url)}`, import.meta.url),
      data,
      `Shard ${index + 1} of ${count}`,
    );
    return { port: thread.listening, thread };
  };
  let shards: Shard[];
  let acceptor: Acceptor | null = null;
  try {
    shards = await startOnOnePort(count, address.port, start, ({ thread }) => thread.end("terminate"));
  } catch (error) {
    const { message, call = "listen", errno = 0 } = error as ThreadError;
    throw new ReactorError(message, call, errno, { cause: error });
  }
  const endAll = async (how: "close" | "terminate"): Promise<void> => {
    await acceptor?.close();
    await Promise.all(shards.map(({ thread }) => thread.end(how)));
  };
  if (!byKernel) {
    try {
      acceptor = startAcceptor(
        checked,
        new Int32Array(open),
        shards.map(({ thread }) => thread),
      );
    } catch (error) {
      await endAll("terminate");
      throw error;
    }
  }
  return {
    port: acceptor?.port ?? shards[0]!.port,
    counters: () =>
      Promise.all(shards.map(async ({ thread }) => (await thread.ask("counters")) as ReactorCounters)),
    connections: () =>
      Promise.all(shards.map(async ({ thread }) => (await thread.ask("connections")) as number)),
    close: () => endAll("close"),
    terminate: () => endAll("terminate"),
  };
}
