/** A listening server of the reactor, and its state inside the reactor. */
import type { ReactorCounters } from "../native/index.ts";
import type { Owner, SocketHandlers } from "./socket.ts";

/** What the reactor keeps about a server. */
export class ServerState<Data = unknown> implements Owner<Data> {
  readonly handlers: SocketHandlers<Data>;
  readonly listener: number;
  openConnections = 0;
  /** How connections are ended from now on; null while the server listens. */
  ending: "close" | "terminate" | null = null;
  /** Resolves when the server is closed and its last connection is over. */
  readonly over: Promise<void>;
  readonly #onOver: () => void;
  #resolveOver: () => void = () => undefined;

  constructor(handlers: SocketHandlers<Data>, listener: number, onOver: () => void) {
    this.handlers = handlers;
    this.listener = listener;
    this.#onOver = onOver;
    this.over = new Promise((resolve) => (this.#resolveOver = resolve));
  }

  released(): void {
    this.openConnections -= 1;
    this.checkOver();
  }

  checkOver(): void {
    if (this.ending === null || this.openConnections > 0) return;
    this.#onOver();
    this.#resolveOver();
  }
}

export interface Server {
  readonly port: number;
  /** What the reactor of this thread did so far, all its servers and connections together. Throws when it is closed. */
  counters(): ReactorCounters;
  /**
   * Stops listening, closes every connection as `Socket.close` does, and resolves when the last is over. A peer that
   * does not read what was written to it keeps its connection open: `terminate` then ends it.
   */
  close(): Promise<void>;
  /** Stops listening, drops open connections with RST, and resolves when the `close` handler of each was called. */
  terminate(): Promise<void>;
}
