/**
 * The reactor of one thread: it delivers batches of events to the sockets' handlers. It exists while there are servers
 * or outgoing connections, and all of a thread share it, because a thread can only sleep in one multiplexer at a time.
 */
import { markAsUntransferable } from "node:worker_threads";
import {
  addon,
  type NativeConnectOptions,
  type NativeListenOptions,
  type NativeReactor,
  type ReactorCounters,
  type SocketAddresses,
} from "../native/index.ts";
import { Attempt, Attempts } from "./attempts.ts";
import { Commands } from "./commands.ts";
import { ReactorError, connectError, listenError, systemError, thrownError } from "./error.ts";
import {
  COMMAND,
  COMMAND_CELLS,
  COMMANDS_PER_FLUSH,
  CONTROL_CELLS,
  EVENT,
  EVENT_CELLS,
  EVENTS_PER_CROSSING,
  OUTGOING,
  OUTGOING_SLAB_BYTES,
  RECEIVE_SLAB_BYTES,
} from "./layout.ts";
import { References } from "./references.ts";
import { ServerState, type Ending } from "./server.ts";
import type { CheckedUdpOptions } from "./udp-options.ts";
import { UdpSocket, type UdpHandlers } from "./udp.ts";
import { Socket, type Shared, type SocketHandlers } from "./socket.ts";

const CELL_BYTES = 4;

let current: Reactor | null = null;

/** The reactor of this thread. Throws a `ReactorError` when it has one on another multiplexer, or can have none. */
export function reactorOn(multiplexer: string): Reactor {
  if (current !== null && current.multiplexer !== multiplexer) current.closeWhenUnused();
  if (current !== null && current.multiplexer !== multiplexer) {
    throw new ReactorError(
      `This thread's reactor runs on ${current.multiplexer}, so it cannot run on ${multiplexer}, too; ` +
        "close its servers and connections first, or use a worker thread.",
      "listen",
      0,
    );
  }
  try {
    current ??= new Reactor(multiplexer);
  } catch (error) {
    throw thrownError(`The reactor could not start on ${multiplexer}`, "start", error);
  }
  return current;
}

export class Reactor {
  readonly multiplexer: string;
  readonly #native: NativeReactor;
  readonly #commands: Commands;
  /** What every socket needs. */
  readonly #shared: Shared;
  readonly #received: ArrayBuffer;
  readonly #events: Int32Array;
  readonly #sockets: (Socket | undefined)[] = [];
  readonly #servers = new Map<number, ServerState>();
  readonly #udpSockets = new Map<number, UdpSocket>();
  readonly #attempts = new Attempts();
  /** Outgoing connections, those not made yet among them. */
  #outgoing = 0;
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
    this.#native = new addon.reactor.Reactor(
      multiplexer,
      memory,
      (count) => this.#deliver(count),
      (error) => this.#fail(error),
    );
    this.#commands.attach(this.#native);
    const references = new References(this.#native);
    const addresses = new WeakMap<object, SocketAddresses>();
    this.#shared = { commands: this.#commands, native: this.#native, references, addresses };
  }

  /** `onReleased` is called after the `close` handler of each connection. */
  listen<Data>(
    options: NativeListenOptions,
    handlers: SocketHandlers<Data>,
    onReleased: () => void = () => undefined,
  ): { port: number; fd: number; state: ServerState<Data> } {
    let opened: { listener: number; port: number; fd: number };
    try {
      opened = this.#native.listen(options);
    } catch (error) {
      this.closeWhenUnused();
      throw listenError(options, error);
    }
    const { listener, port, fd } = opened;
    const over = (): void => {
      this.#servers.delete(listener);
      this.closeWhenUnused();
    };
    const state = new ServerState<Data>(handlers, listener, this.#shared.references, {
      released: onReleased,
      over,
    });
    this.#servers.set(listener, state as ServerState);
    return { port, fd, state };
  }

  /** Gives a server a connection that somebody else accepted; false when there is no place for it, and it is closed then. */
  adopt<Data>(fd: number, state: ServerState<Data>): boolean {
    return this.#native.adopt(fd, state.listener);
  }

  /** Resolves with the open socket. Throws when the connection cannot even begin. */
  connect<Data>(
    options: NativeConnectOptions,
    handlers: SocketHandlers<Data>,
    signal: AbortSignal | undefined,
  ): Promise<Socket<Data>> {
    let token: { slot: number; generation: number };
    try {
      token = this.#native.connect(options);
    } catch (error) {
      this.closeWhenUnused();
      throw connectError(options, error);
    }
    const { slot, generation } = token;
    this.#outgoing += 1;
    const attempt = new Attempt<Data>(options, handlers, signal, () => {
      this.#outgoing -= 1;
      // A program that connects again and again would otherwise need a new reactor each time, at ten times the cost.
      if (this.#outgoing === 0) setImmediate(() => this.closeWhenUnused());
    });
    this.#attempts.add(slot, generation, attempt as Attempt);
    return attempt.begin(new Socket(attempt, this.#shared, slot, generation));
  }

  udp<Data>(options: CheckedUdpOptions, handlers: UdpHandlers<Data>): UdpSocket<Data> {
    let opened: { socket: number; port: number };
    try {
      opened = this.#native.openDatagrams(options);
    } catch (error) {
      this.closeWhenUnused();
      throw listenError({ ...options, path: "" }, error);
    }
    const socket = new UdpSocket<Data>(opened, handlers, this.#shared, this.#received, () => {
      this.#udpSockets.delete(opened.socket);
      this.closeWhenUnused();
    });
    this.#udpSockets.set(opened.socket, socket as UdpSocket);
    return socket;
  }

  counters(): ReactorCounters {
    return this.#native.counters();
  }

  /** Ends a server and its connections in this way, and resolves when all of them are over. */
  end<Data>(state: ServerState<Data>, ending: Ending): Promise<void> {
    // A second call can only hurry what the first one began.
    if (!state.hurriedBy(ending)) return state.over;
    if (state.ending === null) state.expect(this.#native.closeListener(state.listener));
    state.ending = ending;
    if (ending !== "drain") {
      for (const socket of this.#sockets) {
        if (socket !== undefined && socket.owner === (state as unknown)) socket[ending]();
      }
    }
    state.checkOver();
    return state.over;
  }

  /** Lets the connections of a server end by themselves for so long, and then closes the rest. */
  drain<Data>(state: ServerState<Data>, timeoutMs: number): Promise<void> {
    const over = this.end(state, "drain");
    const timer = setTimeout(() => void this.end(state, "close"), timeoutMs);
    void over.then(() => clearTimeout(timer));
    return over;
  }

  /** Lets the thread end, or have another reactor. */
  closeWhenUnused(): void {
    if (this.#servers.size > 0 || this.#udpSockets.size > 0 || this.#outgoing > 0 || current !== this) return;
    current = null;
    this.#commands.attach(null);
    this.#native.close();
  }

  /** Called by native code when the multiplexer failed: it has closed everything, and each connection and attempt has to be notified. */
  #fail(cause: Error): void {
    if (current === this) current = null;
    this.#commands.attach(null);
    const doing = `The multiplexer ${this.multiplexer} failed, which ended every server and connection of this thread`;
    const error = thrownError(doing, "wait", cause);
    this.#attempts.failAll(error);
    // None of them takes commands any more, not even from the handlers that are called first.
    for (const socket of this.#sockets) socket?.markOver();
    for (const [slot, socket] of this.#sockets.entries()) {
      if (socket !== undefined) guarded(() => this.#close(socket, slot, error));
    }
    for (const socket of this.#udpSockets.values()) {
      socket.lose();
      throwOnItsOwn(error);
    }
    this.#udpSockets.clear();
    for (const state of this.#servers.values()) {
      // Nothing else would show that a server is gone, so the process has to be notified.
      if (state.ending === null) throwOnItsOwn(error);
      state.ending = "terminate";
      state.expect(0);
      state.checkOver();
    }
  }

  /** Called by native code with the number of events that it has put into the shared memory. */
  #deliver(count: number): void {
    let index = 0;
    while (index < count) {
      try {
        while (index < count) this.#dispatch(index++);
      } catch (error) {
        throwOnItsOwn(error);
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
    if (kind === EVENT.rejected) {
      process.emitWarning(`Connections are rejected: ${this.#native.whyRejected()}`, {
        code: "READYMARK_REJECTED",
      });
      return;
    }
    if (kind === EVENT.datagram) {
      this.#udpSockets.get(slot)?.deliver(this.#chunk(index, events[at + 3]!, events[at + 4]!));
      return;
    }
    if (kind === EVENT.refused) {
      this.#udpSockets.get(slot)?.refused(events[at + 3]!);
      return;
    }
    if (kind === EVENT.close && this.#attemptFailed(slot, events[at + 1]!, events[at + 3]!)) return;
    const socket = this.#sockets[slot];
    // No handler was called for a connection whose server was closed earlier in the batch.
    if (socket === undefined) return;
    if (kind === EVENT.close) {
      const errno = events[at + 3]!;
      const error = errno === 0 ? null : systemError("The connection ended", "recv or send", errno);
      this.#close(socket, slot, error);
      return;
    }
    if (socket.isClosing) return;
    const { handlers } = socket;
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
    if (listener === OUTGOING) {
      this.#openOutgoing(slot, generation);
      return;
    }
    const server = this.#servers.get(listener);
    if (server === undefined) {
      this.#commands.add(COMMAND.close, slot, generation, 0, 0);
      return;
    }
    const socket = new Socket(server, this.#shared, slot, generation);
    this.#sockets[slot] = socket;
    server.opened();
    try {
      server.handlers.open?.(socket);
    } finally {
      if (server.ending !== null && server.ending !== "drain") socket[server.ending]();
    }
  }

  #openOutgoing(slot: number, generation: number): void {
    const attempt = this.#attempts.find(slot, generation);
    const socket = attempt?.opened();
    // One that was given up meanwhile stays an attempt until the event of its end.
    if (attempt === undefined || socket === undefined || socket === null) return;
    this.#attempts.remove(slot, generation);
    this.#sockets[slot] = socket;
    try {
      attempt.handlers.open?.(socket);
    } finally {
      attempt.succeed(socket);
    }
  }

  /** Whether this was the end of an outgoing connection that never opened. */
  #attemptFailed(slot: number, generation: number, errno: number): boolean {
    const attempt = this.#attempts.find(slot, generation);
    if (attempt === undefined) return false;
    this.#attempts.remove(slot, generation);
    attempt.failed(errno);
    return true;
  }

  #close(socket: Socket, slot: number, error: ReactorError | null): void {
    this.#sockets[slot] = undefined;
    socket.markOver();
    try {
      socket.handlers.close?.(socket, error);
    } finally {
      socket.owner.released();
    }
  }
}

function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    throwOnItsOwn(error);
  }
}

/** Throws from a task of its own, so that it ends the process or reaches its handler, but not this batch. */
function throwOnItsOwn(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
