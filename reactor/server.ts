/** A listening server of the reactor, and its state inside the reactor. */
import type { ReactorCounters } from "../native/index.ts";
import type { References } from "./references.ts";
import type { Owner, SocketHandlers } from "./socket.ts";

/** The ways in which a server ends, each more hurried than the one before. */
const ENDINGS = ["drain", "close", "terminate"] as const;
export type Ending = (typeof ENDINGS)[number];

/** What the reactor keeps about a server. */
export class ServerState<Data = unknown> implements Owner<Data> {
  readonly handlers: SocketHandlers<Data>;
  readonly listener: number;
  openConnections = 0;
  /** How connections are ended from now on; null while the server listens. */
  ending: Ending | null = null;
  /** Resolves when the server is closed and its last connection is over. */
  readonly over: Promise<void>;
  readonly #references: References;
  readonly #onReleased: () => void;
  readonly #onOver: () => void;
  #resolveOver: () => void = () => undefined;
  #isReferenced = true;
  #isOver = false;
  #opened = 0;
  /** How many connections it will have opened, when that is known. */
  #toOpen = 0;

  constructor(
    handlers: SocketHandlers<Data>,
    listener: number,
    references: References,
    on: { released: () => void; over: () => void },
  ) {
    this.handlers = handlers;
    this.listener = listener;
    this.#references = references;
    this.#onReleased = on.released;
    this.#onOver = on.over;
    this.over = new Promise((resolve) => (this.#resolveOver = resolve));
    references.add();
  }

  opened(): void {
    this.#opened += 1;
    this.openConnections += 1;
  }

  released(): void {
    this.openConnections -= 1;
    this.#onReleased();
    this.checkOver();
  }

  /** Whether this ending hurries the one that is under way. */
  hurriedBy(ending: Ending): boolean {
    return this.ending === null || ENDINGS.indexOf(ending) > ENDINGS.indexOf(this.ending);
  }

  /** The events of connections that the kernel accepted before the listener was closed may be still to come. */
  expect(connections: number): void {
    this.#toOpen = connections;
  }

  checkOver(): void {
    if (this.ending === null || this.openConnections > 0 || this.#opened < this.#toOpen) return;
    this.#isOver = true;
    this.#drop();
    this.#onOver();
    this.#resolveOver();
  }

  ref(): void {
    if (this.#isReferenced || this.#isOver) return;
    this.#isReferenced = true;
    this.#references.add();
  }

  unref(): void {
    this.#drop();
  }

  #drop(): void {
    if (!this.#isReferenced) return;
    this.#isReferenced = false;
    this.#references.remove();
  }
}

export interface Server {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** The listening socket's descriptor, to be passed to another process, which then listens with `fd`; it stays this server's. */
  readonly fd: number;
  /** What the reactor of this thread did so far, all its servers and connections together. Throws when it is closed. */
  counters(): ReactorCounters;
  /**
   * Stops listening, closes every connection as `Socket.close` does, and resolves when the last is over. A peer that
   * does not read what was written to it keeps its connection open: `terminate` then ends it. With `timeoutMs` connections
   * get that long to end by themselves, as if nothing had happened, before they are closed.
   */
  close(options?: { timeoutMs?: number }): Promise<void>;
  /** Stops listening, drops open connections with RST, and resolves when the `close` handler of each was called. */
  terminate(): Promise<void>;
  /** Lets the thread end although the server listens; its connections are asked for themselves. */
  unref(): void;
  /** Keeps the thread running as long as the server listens, which it does until `unref`. */
  ref(): void;
}
