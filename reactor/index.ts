/**
 * A TCP server on a multiplexer of your choice, with the guarantees of Node's event loop: timers, promises, files,
 * worker messages and signals go on as they do beside `node:net`, in the main thread and in workers.
 *
 *     const server = await listen({
 *       host: "127.0.0.1",
 *       port: 0,
 *       multiplexer: "epoll",
 *       socket: { data: (socket, chunk) => void socket.write(chunk) },
 *     });
 */
import { checkListenOptions, type Address } from "./listen-options.ts";
import { reactorOn } from "./reactor.ts";
import type { Server, SocketHandlers } from "./server.ts";

export { ReactorError } from "./error.ts";
export { multiplexers, type Multiplexer } from "./multiplexers.ts";
export type { Server, SocketHandlers } from "./server.ts";
export type { Socket } from "./socket.ts";
export type { ReactorCounters } from "../native/index.ts";

export interface ListenOptions<Data = unknown> extends Address {
  socket: SocketHandlers<Data>;
}

/** Rejects with a `ReactorError`: the call that failed, its error, and what to do. */
export async function listen<Data = unknown>(options: ListenOptions<Data>): Promise<Server> {
  const address = await checkListenOptions(options);
  const reactor = reactorOn(address.multiplexer);
  const { port, state } = reactor.listen(address, options.socket);
  return { port, counters: () => reactor.counters(), close: () => reactor.close(state) };
}
