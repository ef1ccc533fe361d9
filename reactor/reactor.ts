/**
 * The reactor of one thread: it delivers batches of events to the sockets' handlers. It exists while there are servers,
 * and all servers of a thread share it, because a thread can only sleep in one multiplexer at a time.
 */
import { markAsUntransferable } from "node:worker_threads";
import {
  addon,
  type NativeListenOptions,
  type NativeReactor,
  type ReactorCounters,
} from "../native/index.ts";
import { Commands } from "./commands.ts";
import { ReactorError, listenError, systemError } from "./error.ts";
import {
  COMMAND_CELLS,
  COMMANDS_PER_FLUSH,
  CONTROL_CELLS,
  EVENT,
  EVENT_CELLS,
  EVENTS_PER_CROSSING,
  OUTGOING_SLAB_BYTES,
  RECEIVE_SLAB_BYTES,
} from "./layout.ts";
import type { ServerState, SocketHandlers } from "./server.ts";
import { Socket } from "./socket.ts";

const CELL_BYTES = 4;

let current: Reactor | null = null;

/** The reactor of this thread. Throws when it has one on another multiplexer. */
export function reactorOn(multiplexer: string): Reactor {
  if (current !== null && current.multiplexer !== multiplexer) {
    throw new ReactorError(
      `This thread's reactor runs on ${current.multiplexer}, so it cannot run on ${multiplexer}, too; ` +
        "close its servers first, or listen in a worker thread.",
      "listen",
      0,
    );
  }
  current ??= new Reactor(multiplexer);
  return current;
}

export class Reactor {
  readonly multiplexer: string;
  readonly #native: NativeReactor;
  readonly #commands: Commands;
  readonly #received: ArrayBuffer;
  readonly #events: Int32Array;
  readonly #sockets: (Socket | undefined)[] = [];
  readonly #servers = new Map<number, ServerState>();
  /** The chunk of each place in a batch, made again only when it lies elsewhere than in the batch before. */
  readonly #chunks: Buffer[] = [];

  constructor(multiplexer: string) {
    this.multiplexer = multiplexer;
    const memory = {
      received: new ArrayBuffer(RECEIVE_SLAB_BYTES),
      outgoing: new ArrayBuffer(OUTGOING_SLAB_BYTES),
      events: new ArrayBuffer(EVENTS_PER_CROSSING * EVENT_CELLS * CELL_BYTES),
      commands: new ArrayBuffer(COMMANDS_PER_FLUSH * COMMAND_CELLS * CELL_BYTES),
      control: new ArrayBuffer(CONTROL_CELLS * CELL_BYTES),
      unsentBytes: new ArrayBuffer(addon.reactor.connectionLimit() * CELL_BYTES),
    };
    // Handlers see this memory through their chunks; posting a chunk to a worker must copy it, not take it away.
    markAsUntransferable(memory.received);
    this.#received = memory.received;
    this.#events = new Int32Array(memory.events);
    this.#commands = new Commands(memory);
    this.#native = new addon.reactor.Reactor(multiplexer, memory, (count) => this.#deliver(count));
    this.#commands.attach(this.#native);
  }

  listen<Data>(
    options: NativeListenOptions,
    handlers: SocketHandlers<Data>,
  ): { port: number; state: ServerState<Data> } {
    let opened: { listener: number; port: number };
    try {
      opened = this.#native.listen(options);
    } catch (error) {
      this.#closeWhenUnused();
      throw listenError(options, error);
    }
    const { listener, port } = opened;
    const state: ServerState<Data> = {
      handlers,
      listener,
      openConnections: 0,
      closing: false,
      whenEmpty: () => undefined,
    };
    this.#servers.set(listener, state as ServerState);
    return { port, state };
  }

  counters(): ReactorCounters {
    return this.#native.counters();
  }

  async close<Data>(state: ServerState<Data>): Promise<void> {
    if (state.closing) return;
    state.closing = true;
    this.#native.closeListener(state.listener);
    if (state.openConnections > 0) {
      const empty = new Promise<void>((resolve) => (state.whenEmpty = resolve));
      for (const socket of this.#sockets) {
        if (socket !== undefined && socket.server === (state as unknown)) socket.terminate();
      }
      await empty;
    }
    this.#servers.delete(state.listener);
    this.#closeWhenUnused();
  }

  #closeWhenUnused(): void {
    if (this.#servers.size > 0 || current !== this) return;
    current = null;
    this.#commands.attach(null);
    this.#native.close();
  }

  /** Called by native code with the number of events that it has put into the shared memory. */
  #deliver(count: number): void {
    let index = 0;
    while (index < count) {
      try {
        while (index < count) this.#dispatch(index++);
      } catch (error) {
        // Thrown from a task of its own, so that it ends the process or reaches its handler, but not this batch.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #dispatch(index: number): void {
    const events = this.#events;
    const at = index * EVENT_CELLS;
    const slot = events[at]!;
    const kind = events[at + 2]!;
    if (kind === EVENT.open) {
      this.#open(slot, events[at + 1]!, events[at + 3]!);
      return;
    }
    const socket = this.#sockets[slot]!;
    if (kind === EVENT.close) {
      this.#close(socket, slot, events[at + 3]!);
      return;
    }
    if (socket.isSilent) return;
    const { handlers } = socket.server;
    if (kind === EVENT.data) {
      handlers.data?.(socket, this.#chunk(index, events[at + 3]!, events[at + 4]!));
    } else if (kind === EVENT.drain) {
      if (socket.takeWantsDrain()) handlers.drain?.(socket);
    } else if (handlers.end === undefined) {
      socket.end();
    } else {
      handlers.end(socket);
    }
  }

  #chunk(index: number, offset: number, length: number): Buffer {
    const before = this.#chunks[index];
    if (before !== undefined && before.byteOffset === offset && before.byteLength === length) return before;
    const chunk = Buffer.from(this.#received, offset, length);
    this.#chunks[index] = chunk;
    return chunk;
  }

  #open(slot: number, generation: number, listener: number): void {
    const server = this.#servers.get(listener);
    if (server === undefined) return;
    const socket = new Socket(server, this.#commands, this.#native, slot, generation);
    this.#sockets[slot] = socket;
    server.openConnections += 1;
    if (server.closing) socket.terminate();
    else server.handlers.open?.(socket);
  }

  #close(socket: Socket, slot: number, errno: number): void {
    const { server } = socket;
    this.#sockets[slot] = undefined;
    socket.markOver();
    server.openConnections -= 1;
    try {
      server.handlers.close?.(
        socket,
        errno === 0 ? null : systemError("The connection ended", "recv or send", errno),
      );
    } finally {
      if (server.closing && server.openConnections === 0) server.whenEmpty();
    }
  }
}
