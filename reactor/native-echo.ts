/** An echo server on the reactor's driver without any JavaScript: the ceiling of what a reactor can reach. */
import { addon, type ReactorCounters } from "../native/index.ts";
import { checkListenOptions, type Address } from "./listen-options.ts";
import { listenError } from "./error.ts";

export interface NativeEchoServer {
  readonly port: number;
  /** What it did until its thread last went to sleep. */
  counters(): ReactorCounters;
  /** Drops open connections and stops the thread; returns what it did. */
  close(): ReactorCounters;
}

/** Runs in a thread of its own. Rejects with a `ReactorError` when it cannot listen. */
export async function startNativeEcho(address: Address): Promise<NativeEchoServer> {
  const options = await checkListenOptions(address);
  try {
    return new addon.reactor.EchoServer(options.multiplexer, options);
  } catch (error) {
    throw listenError(options, error);
  }
}
