/** One server in several worker threads: each listens on the same port, and the kernel spreads the connections. */
import { availableParallelism } from "node:os";
import { checkListenOptions, type Address, type CheckedOptions } from "./listen-options.ts";
import { ReactorError } from "./error.ts";
import { OptionChecks } from "./options.ts";
import type { ReactorCounters } from "../native/index.ts";
import { startOnOnePort, startThread, type Thread, type ThreadError } from "./threads.ts";

const MOST_SHARDS = 1024;

export interface ShardedListenOptions extends Omit<Address, "reusePort"> {
  /** How many worker threads; by default as many as the process can run at once. */
  shards?: number;
  /** A module whose default export is the handlers, `SocketHandlers`. Each shard imports it for itself. */
  module: URL;
}

export interface ShardedServer {
  readonly port: number;
  /** What each shard's reactor did so far, in the order of the shards; `accepts` shows how connections spread. */
  counters(): Promise<ReactorCounters[]>;
  /** Stops listening, closes connections as `Server.close` does, and resolves when all threads have ended. */
  close(): Promise<void>;
  /** Like `close`, but drops open connections with RST. */
  terminate(): Promise<void>;
}

/** What a shard's thread is started with. */
export interface ShardData {
  moduleUrl: string;
  address: CheckedOptions;
}

interface Shard {
  port: number;
  thread: Thread<number>;
}

/**
 * Listens in several worker threads on one port, for work that one thread cannot do alone. The kernel gives each new
 * connection to one shard, where it stays; the shards share nothing, so what they have in common belongs elsewhere.
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
  if (!(options.module instanceof URL)) {
    throw check.error('The option module must be a URL, for example new URL("./echo.ts", import.meta.url).');
  }
  const moduleUrl = options.module.href;
  const address = { ...(await checkListenOptions(options)), reusePort: true };
  const start = async (index: number, port: number): Promise<Shard> => {
    const data: ShardData = { moduleUrl, address: { ...address, port } };
    const thread = await startThread<number>(
      new URL("./shard.ts", import.meta.url),
      data,
      `Shard ${index + 1} of ${count}`,
    );
    return { port: thread.listening, thread };
  };
  let shards: Shard[];
  try {
    shards = await startOnOnePort(count, address.port, start, ({ thread }) => thread.end("terminate"));
  } catch (error) {
    const { message, call = "listen", errno = 0 } = error as ThreadError;
    throw new ReactorError(message, call, errno, { cause: error });
  }
  const endAll = async (how: "close" | "terminate"): Promise<void> => {
    await Promise.all(shards.map(({ thread }) => thread.end(how)));
  };
  return {
    port: shards[0]!.port,
    counters: () =>
      Promise.all(shards.map(async ({ thread }) => (await thread.ask("counters")) as ReactorCounters)),
    close: () => endAll("close"),
    terminate: () => endAll("terminate"),
  };
}
