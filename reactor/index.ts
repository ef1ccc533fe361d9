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
import { serverOn } from "./listening.ts";
import { reactorOn } from "./reactor.ts";
import type { Server } from "./server.ts";
import type { Socket, SocketHandlers } from "./socket.ts";
import { checkUdpOptions, type UdpAddress } from "./udp-options.ts";
import type { UdpHandlers, UdpSocket } from "./udp.ts";

export { ReactorError } from "./error.ts";
export { multiplexers, type Multiplexer } from "./multiplexers.ts";
export type { Server } from "./server.ts";
export { listenSharded, type ShardedListenOptions, type ShardedServer } from "./sharded.ts";
export type { Socket, SocketHandlers } from "./socket.ts";
export type { UdpPeer } from "./peer.ts";
export type { UdpHandlers, UdpSocket } from "./udp.ts";
export type { DatagramCounts, ReactorCounters, TcpInfo } from "../native/index.ts";
export { duplex, type DuplexOptions, type SocketStream } from "./duplex.ts";

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
  return serverOn(reactor, reactor.listen(address, options.socket));
}

export interface UdpOptions<Data = unknown> extends UdpAddress {
  socket: UdpHandlers<Data>;
}

/**
 * Opens a UDP socket, which receives and sends many datagrams with one system call.
 *
 *     const echo = await udp({ port: 7000, socket: { data: (socket, chunk, from) => socket.send(chunk, from) } });
 *
 * Rejects with a `ReactorError`. Should the multiplexer fail later, that is thrown to the process (`uncaughtException`).
 */
export async function udp<Data = unknown>(options: UdpOptions<Data>): Promise<UdpSocket<Data>> {
  const checked = await checkUdpOptions(options);
  return reactorOn(checked.multiplexer).udp(checked, options.socket);
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
