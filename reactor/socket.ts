/** One connection of the reactor. */
import type { NativeReactor, SocketAddresses, TcpInfo } from "../native/index.ts";
import type { Commands } from "./commands.ts";
import type { ReactorError } from "./error.ts";
import { COMMAND, type Command } from "./layout.ts";
import { LONGEST_KEEP_ALIVE_MS } from "./options.ts";
import type { References } from "./references.ts";

/**
 * What a server does, once for all its connections, or what the side that connects does. A handler that throws, throws
 * to the process (`uncaughtException`) and not further: the other connections get their events.
 */
export interface SocketHandlers<Data = unknown> {
  /** The connection is open; for an outgoing one this is called before `connect` resolves. */
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

/** What all sockets of a reactor share. */
export interface Shared {
  readonly commands: Commands;
  readonly native: NativeReactor;
  readonly references: References;
  /** Of the few sockets that were asked for them. */
  readonly addresses: WeakMap<object, SocketAddresses>;
}

// What a socket knows of itself in one number: each field would be eight bytes more of every idle connection.
const WANTS_DRAIN = 1;
const FINISHED = 2;
const CLOSED = 4;
const OVER = 8;
const DROPS_INPUT = 16;
const UNREFERENCED = 32;

/** What a connection belongs to: a server, or a call of `connect`. */
export interface Owner<Data = unknown> {
  readonly handlers: SocketHandlers<Data>;
  /** Called when one of its connections is over, after its `close` handler. */
  released(): void;
}

export class Socket<Data = unknown> {
  /** Yours: whatever belongs to this connection. */
  data: Data;
  readonly #shared: Shared;
  readonly #slot: number;
  readonly #generation: number;
  #flags = 0;
  /** For the reactor only. */
  readonly owner: Owner<Data>;
  /** For the reactor only: its owner's, until somebody else takes the connection over. */
  handlers: SocketHandlers<Data>;

  constructor(owner: Owner<Data>, shared: Shared, slot: number, generation: number) {
    this.owner = owner;
    this.handlers = owner.handlers;
    this.data = undefined as Data;
    this.#shared = shared;
    this.#slot = slot;
    this.#generation = generation;
    shared.references.add();
  }

  /**
   * Sends bytes, and returns how many were taken. When fewer than offered (in bytes; a string is UTF-8), too much is
   * unsent: keep the rest, and go on when `drain` is called. The bytes may be changed after the call, except those of
   * a received chunk, which are sent from where they lie when the handlers have returned.
   */
  write(bytes: Uint8Array | string): number {
    const data = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    if ((this.#flags & FINISHED) !== 0 || data.byteLength === 0) return 0;
    const taken = this.#shared.commands.send(this.#slot, this.#generation, data);
    if (taken < data.byteLength) this.requestDrain();
    return taken;
  }

  /** Sends FIN after everything written. The peer can still send, and `data` is called until it ends, too. */
  end(): void {
    if ((this.#flags & FINISHED) !== 0) return;
    this.#flags |= FINISHED;
    this.#order(COMMAND.finish);
  }

  /**
   * Sends everything written, then closes; what the peer still sends is dropped, and it gets two seconds to end. A peer
   * that takes nothing of what is unsent for two seconds is reset, and the `close` handler gets ETIMEDOUT.
   */
  close(): void {
    if (this.isClosing) return;
    this.#flags |= FINISHED | CLOSED | DROPS_INPUT;
    this.#order(COMMAND.close);
  }

  /** Closes at once with RST; unsent bytes are lost. */
  terminate(): void {
    if (this.#isOver) return;
    this.#flags |= FINISHED | CLOSED | DROPS_INPUT;
    this.#order(COMMAND.reset);
  }

  /** Stops reading; the peer is slowed down when the kernel's buffers are full. */
  pause(): void {
    if (!this.isClosing) this.#order(COMMAND.pause);
  }

  resume(): void {
    if (!this.isClosing) this.#order(COMMAND.resume);
  }

  /** Bytes taken by `write` that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#isOver ? 0 : this.#shared.commands.unsentBytes(this.#slot);
  }

  /**
   * Undefined for a Unix socket, and when the connection was over, or reset, before this or another of the four was first read;
   * so are the others.
   */
  get remoteAddress(): string | undefined {
    return this.#addressesNow()?.remoteAddress || undefined;
  }

  get remotePort(): number | undefined {
    return this.#addressesNow()?.remotePort || undefined;
  }

  get localAddress(): string | undefined {
    return this.#addressesNow()?.localAddress || undefined;
  }

  get localPort(): number | undefined {
    return this.#addressesNow()?.localPort || undefined;
  }

  /** What the kernel measures of the connection now; null when it is over, or is a Unix socket's. */
  tcpInfo(): TcpInfo | null {
    return this.#isOver ? null : this.#shared.native.tcpInfo(this.#slot, this.#generation);
  }

  /** After so long without traffic the kernel asks the peer whether it is still there; 0 never does. */
  setKeepAlive(ms: number): void {
    if (this.#isOver) return;
    const seconds = Math.ceil(Math.min(ms, LONGEST_KEEP_ALIVE_MS) / 1000);
    this.#shared.native.setKeepAlive(this.#slot, this.#generation, seconds);
  }

  /** Lets the thread end although the connection is open. */
  unref(): void {
    if ((this.#flags & (UNREFERENCED | OVER)) !== 0) return;
    this.#flags |= UNREFERENCED;
    this.#shared.references.remove();
  }

  /** Keeps the thread running as long as the connection is open, which it does until `unref`. */
  ref(): void {
    if ((this.#flags & (UNREFERENCED | OVER)) !== UNREFERENCED) return;
    this.#flags &= ~UNREFERENCED;
    this.#shared.references.add();
  }

  /** For the reactor only: whether `close` or `terminate` was called, after which only the `close` handler is called. */
  get isClosing(): boolean {
    return (this.#flags & CLOSED) !== 0;
  }

  /** For the reactor only: whether `close` or `terminate` was called while the connection was open, so that input was lost. */
  get dropsInput(): boolean {
    return (this.#flags & DROPS_INPUT) !== 0;
  }

  /** For the reactor only: has `drain` called when nothing is unsent. */
  requestDrain(): void {
    if ((this.#flags & WANTS_DRAIN) !== 0) return;
    this.#flags |= WANTS_DRAIN;
    this.#order(COMMAND.wantDrain);
  }

  /** For the reactor only: whether the owner waits for `drain`, which is then called once. */
  takeWantsDrain(): boolean {
    const wants = (this.#flags & WANTS_DRAIN) !== 0;
    this.#flags &= ~WANTS_DRAIN;
    return wants;
  }

  /** For the reactor only, in the `open` handler: gives the connection away. Returns its descriptor; negative when it is over. */
  detach(): number {
    const fd = this.#isOver ? -1 : this.#shared.native.detach(this.#slot, this.#generation);
    if (fd >= 0) this.#flags |= FINISHED | CLOSED;
    return fd;
  }

  /** For the reactor only: the connection is over. */
  markOver(): void {
    this.unref();
    this.#flags |= FINISHED | CLOSED | OVER;
  }

  get #isOver(): boolean {
    return (this.#flags & OVER) !== 0;
  }

  #order(command: Command): void {
    this.#shared.commands.add(command, this.#slot, this.#generation, 0, 0);
  }

  #addressesNow(): SocketAddresses | null {
    const { addresses, native } = this.#shared;
    const known = addresses.get(this);
    if (known !== undefined || this.#isOver) return known ?? null;
    const found = native.addressOf(this.#slot, this.#generation);
    if (found !== null) addresses.set(this, found);
    return found;
  }
}
