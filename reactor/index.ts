/**
 * TCP servers and clients on a multiplexer of your choice, with the guarantees of Node's event loop: timers, promises,
 * files, worker messages and signals go on as they do beside `node:net`, in the main thread and in workers.
 *
 *     const server = await listen({
 *       host: "127.0.0.1",
 *       port: 0,
 *       multiplexer: "epoll",
 *       socket: { data: (socket, chunk) => void socket.write(chunk) },
 *     });
 *     const client = await connect({
 *       port: server.port,
 *       socket: { data: (socket, chunk) => console.log(chunk.toString()) },
 *     });
 *     client.write("hello");
 */
import { checkConnectOptions, type RemoteAddress } from "./connect-options.ts";
import { checkListenOptions, type Address } from "./listen-options.ts";
import { reactorOn } from "./reactor.ts";
import type { Server } from "./server.ts";
import type { Socket, SocketHandlers } from "./socket.ts";

export { ReactorError } from "./error.ts";
export { multiplexers, type Multiplexer } from "./multiplexers.ts";
export type { Server } from "./server.ts";
export { listenSharded, type ShardedListenOptions, type ShardedServer } from "./sharded.ts";
export type { Socket, SocketHandlers } from "./socket.ts";
export type { ReactorCounters } from "../native/index.ts";

export interface ListenOptions<Data = unknown> extends Address {
  socket: SocketHandlers<Data>;
}

export interface ConnectOptions<Data = unknown> extends RemoteAddress {
  socket: SocketHandlers<Data>;
  /** Gives the attempt up when it aborts; `connect` then rejects with its reason. Ignored once the socket is open. */
  signal?: AbortSignal;
}

/**
 * Rejects with a `ReactorError`: the call that failed, its error, and what to do. Should the multiplexer fail later, each
 * connection gets the error by `close`, and it is thrown to the process (`uncaughtException`), because the server is gone.
 */
export async function listen<Data = unknown>(options: ListenOptions<Data>): Promise<Server> {
  const address = await checkListenOptions(options);
  const reactor = reactorOn(address.multiplexer);
  const { port, state } = reactor.listen(address, options.socket);
  return {
    port,
    counters: () => reactor.counters(),
    close: () => reactor.end(state, "close"),
    terminate: () => reactor.end(state, "terminate"),
  };
}

/**
 * Connects, and resolves with the socket when it is open, after its `open` handler was called and perhaps the first
 * `data`, too. Rejects with a `ReactorError`: the call that failed, its error (`ECONNREFUSED`, `ETIMEDOUT`,
 * `ENETUNREACH`, ...), and what to do; no handler is called then.
 */
export async function connect<Data = unknown>(options: ConnectOptions<Data>): Promise<Socket<Data>> {
  const { signal } = options;
  signal?.throwIfAborted();
  const remote = await checkConnectOptions(options);
  signal?.throwIfAborted();
  return reactorOn(remote.multiplexer).connect(remote, options.socket, signal);
}
