/** A listening server of the reactor, and what the reactor keeps about it. */
import type { ReactorCounters } from "../native/index.ts";
import type { ReactorError } from "./error.ts";
import type { Socket } from "./socket.ts";

/**
 * What a server does, once for all its connections. A handler that throws, throws to the process (`uncaughtException`)
 * and to nobody else: the other connections get their events.
 */
export interface SocketHandlers<Data = unknown> {
  open?(socket: Socket<Data>): void;
  /** `chunk` is valid, and the same, only during the call: copy what you keep, and do not change it once written. */
  data?(socket: Socket<Data>, chunk: Buffer): void;
  /** Everything written is with the kernel after a `write` took less than it was offered. */
  drain?(socket: Socket<Data>): void;
  /** The peer sends no more. Without this handler the connection is ended in return. */
  end?(socket: Socket<Data>): void;
  /** The connection is over; `error` says why, or is null after an orderly end. Called once for each `open`. */
  close?(socket: Socket<Data>, error: ReactorError | null): void;
}

/** The reactor's own notes on a server. */
export interface ServerState<Data = unknown> {
  handlers: SocketHandlers<Data>;
  listener: number;
  openConnections: number;
  closing: boolean;
  /** Called when the last connection of a closing server is over. */
  whenEmpty: () => void;
}

export interface Server {
  readonly port: number;
  /** What the reactor of this thread did so far, all its servers together. Throws when the server is closed. */
  counters(): ReactorCounters;
  /** Stops listening, drops open connections, and resolves when each of them was told. */
  close(): Promise<void>;
}
