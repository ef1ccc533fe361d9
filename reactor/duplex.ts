/** A connection of the reactor as a stream of Node.js, so that what takes a `net.Socket` can run on any multiplexer. */
import { Duplex } from "node:stream";
import type { ReactorError } from "./error.ts";
import type { Socket, SocketHandlers } from "./socket.ts";

const KERNELS_KEEP_ALIVE_MS = 7_200_000;
/** A timer of Node.js that is to take longer fires at once. */
const LONGEST_TIMER_MS = 0x7fffffff;

/** What a stream calls when it has done with something, or could not. */
type Done = (error?: Error | null) => void;

export interface DuplexOptions {
  /** As for `net.Socket`: whether one can still write when the peer has ended. By default the stream then ends, too. */
  allowHalfOpen?: boolean;
}

/**
 * Has the methods of `net.Socket` that libraries call: `setTimeout`, `setKeepAlive`, `setNoDelay`, `ref`, `unref`,
 * `destroySoon`, `resetAndDestroy`, the addresses and the counts of bytes.
 */
export class SocketStream extends Duplex {
  /** As `net.Socket` has them: a connection that is made is neither. */
  readonly connecting = false;
  readonly pending = false;
  readonly #socket: Socket;
  /** What the socket has not taken yet. */
  #rest: { bytes: Buffer; done: Done } | null = null;
  #bytesRead = 0;
  #bytesWritten = 0;
  #timeoutMs = 0;
  #timer: NodeJS.Timeout | null = null;
  /** How much the peer had taken, in bytes, when the time of the timer was last over. */
  #takenAtTimeout = 0;
  #isPaused = false;
  #hasEnded = false;
  /** Called once everything written is with the kernel, and with it the end. */
  #finished: Done | null = null;
  #isFinishing = false;

  constructor(socket: Socket, { allowHalfOpen = false }: DuplexOptions) {
    super({ allowHalfOpen });
    this.#socket = socket;
    socket.handlers = new ToStream(this);
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.remoteAddress);
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get localPort(): number | undefined {
    return this.#socket.localPort;
  }

  get localFamily(): string | undefined {
    return familyOf(this.localAddress);
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** In milliseconds; undefined where there is none. */
  get timeout(): number | undefined {
    return this.#timeoutMs === 0 ? undefined : this.#timeoutMs;
  }

  /** Empty for a Unix socket, and when the connection is over. */
  address(): { address?: string; family?: string; port?: number } {
    const { localAddress: address, localFamily: family, localPort: port } = this;
    return address === undefined || family === undefined || port === undefined
      ? {}
      : { address, family, port };
  }

  /**
   * Emits `timeout` after so many milliseconds without traffic; 0 never does. The connection stays open. What is written may
   * leave slowly: of a peer that takes some of it within the time nothing is emitted, and of one that takes none it is after
   * twice the time at most.
   */
  setTimeout(ms: number, callback?: () => void): this {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timeoutMs = ms;
    if (ms === 0) {
      if (callback !== undefined) this.off("timeout", callback);
      return this;
    }
    if (callback !== undefined) this.once("timeout", callback);
    const longest = Math.min(ms, LONGEST_TIMER_MS);
    if (!this.destroyed) this.#timer = setTimeout(() => this.#timedOut(), longest).unref();
    return this;
  }

  setKeepAlive(enable = false, initialDelayMs = 0): this {
    // Without a delay it is the kernel's own, two hours; 0 would turn it off.
    this.#socket.setKeepAlive(enable ? initialDelayMs || KERNELS_KEEP_ALIVE_MS : 0);
    return this;
  }

  /** Sockets of the reactor never delay; that cannot be changed. */
  setNoDelay(): this {
    return this;
  }

  ref(): this {
    this.#socket.ref();
    return this;
  }

  unref(): this {
    this.#socket.unref();
    return this;
  }

  /** Destroys the stream once everything written is with the kernel. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  /** Ends the connection with RST, so that the peer sees an error and not an end. */
  resetAndDestroy(): this {
    this.#socket.terminate();
    return this.destroy();
  }

  override _read(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send(bytes, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: Done): void {
    this.#isFinishing = true;
    if (this.#socket.unsentBytes === 0) {
      this.#socket.end();
      done();
      return;
    }
    // A stream that has finished may be destroyed, and that must not cut off a reader that is slow.
    this.#finished = done;
    this.#socket.requestDrain();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.setTimeout(0);
    const rest = this.#rest;
    this.#rest = null;
    this.#finished = null;
    rest?.done(error ?? new Error("The stream was destroyed before everything written was sent."));
    // What the socket took is still sent, and a FIN behind it.
    this.#socket.close();
    done(error);
  }

  /** For the reactor only. */
  received(chunk: Buffer): void {
    this.#timer?.refresh();
    this.#bytesRead += chunk.length;
    // The chunk's memory is used again, and whoever reads the stream may keep it.
    if (this.push(Buffer.from(chunk)) || this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  /** For the reactor only. */
  drained(): void {
    const rest = this.#rest;
    if (rest === null) {
      this.#finish();
      return;
    }
    this.#rest = null;
    this.#timer?.refresh();
    this.#offer(rest.bytes, rest.done);
  }

  /** For the reactor only. */
  ended(): void {
    this.#hasEnded = true;
    this.push(null);
    // An end with nothing before it is known without reading, as with `net.Socket`.
    this.read(0);
  }

  /** For the reactor only. */
  over(error: ReactorError | null): void {
    if (error !== null || this.#socket.dropsInput || !this.#isFinishing) {
      this.destroy(error ?? undefined);
      return;
    }
    // Both sides have ended in good order: the stream is destroyed by itself when it was read to the end. Of a peer that
    // ends second, the end of the connection is all that shows it.
    this.#finish();
    if (!this.#hasEnded) this.ended();
  }

  #timedOut(): void {
    const unsent = this.#socket.unsentBytes + (this.#rest?.bytes.length ?? 0);
    const info = this.#socket.tcpInfo();
    const isTaking = unsent > 0 || (info !== null && info.notSentBytes + info.unacknowledgedSegments > 0);
    // Of a Unix socket what has left is what was taken.
    const taken = info === null ? this.#bytesWritten - unsent : info.acknowledgedBytes;
    const hasMoved = taken !== this.#takenAtTimeout;
    this.#takenAtTimeout = taken;
    if (isTaking && hasMoved) this.#timer?.refresh();
    else this.emit("timeout");
  }

  #finish(): void {
    const done = this.#finished;
    if (done === null) return;
    this.#finished = null;
    this.#socket.end();
    done();
  }

  #send(bytes: Buffer, done: Done): void {
    this.#timer?.refresh();
    this.#bytesWritten += bytes.length;
    this.#offer(bytes, done);
  }

  #offer(bytes: Buffer, done: Done): void {
    const taken = this.#socket.write(bytes);
    if (taken === bytes.length) done();
    else if (this.#socket.isClosing) done(new Error("The connection is closed, so nothing can be written."));
    else this.#rest = { bytes: bytes.subarray(taken), done };
  }
}

/** Takes the events of one connection to its stream, whose own `end` means something else. */
class ToStream implements SocketHandlers {
  readonly #stream: SocketStream;

  constructor(stream: SocketStream) {
    this.#stream = stream;
  }

  data(_socket: Socket, chunk: Buffer): void {
    this.#stream.received(chunk);
  }

  drain(): void {
    this.#stream.drained();
  }

  end(): void {
    this.#stream.ended();
  }

  close(_socket: Socket, error: ReactorError | null): void {
    this.#stream.over(error);
  }
}

/**
 * Makes a stream of a connection, in the `open` handler or as soon as `connect` has resolved. From then on the connection's
 * events go to the stream, and the handlers that were given to `listen` or `connect` get none of them, not even `close`.
 *
 *     const http = createServer(application);
 *     await listen({ port: 8080, socket: { open: (socket) => void http.emit("connection", duplex(socket)) } });
 *
 * Its errors are `ReactorError`s, whose `code` is what that of `net.Socket` would be, for example "ECONNRESET".
 */
export function duplex<Data>(socket: Socket<Data>, options: DuplexOptions = {}): SocketStream {
  return new SocketStream(socket as Socket, options);
}

function familyOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  return address.includes(":") ? "IPv6" : "IPv4";
}
