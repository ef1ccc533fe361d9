/**
 * One raw connection of the conformance client: exact reads, and sentences for what did not come. It reads all the
 * time, so that a server is never held up by its client unless a case wants that.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

const STALL_TURNS = 500;
const TIME_IS_UP = "time was up";

export interface Target {
  host: string;
  port: number;
  /** A Unix socket in place of both. */
  path?: string;
}

export class Connection {
  readonly #socket: Socket;
  readonly #canReset: boolean;
  readonly #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  /** Why no more bytes will come, as the end of a sentence; null while they may. */
  #over: string | null = null;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket, canReset: boolean) {
    this.#socket = socket;
    this.#canReset = canReset;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#bufferedBytes += chunk.length;
      this.#wake();
    });
    socket.on("end", () => this.#finish("the server closed the connection"));
    socket.on("error", (error: NodeJS.ErrnoException) => this.#finish(reasonOf(error)));
    socket.on("close", () => this.#finish("the connection was closed"));
  }

  /** Connects; rejects with a sentence. Aborting the signal destroys the connection and rejects whatever waits on it. */
  static async open(target: Target, signal: AbortSignal): Promise<Connection> {
    const socket = connect({ ...target, noDelay: true, allowHalfOpen: true, signal });
    const connection = new Connection(socket, target.path === undefined);
    try {
      await once(socket, "connect");
    } catch (error) {
      const reason = reasonOf(error as NodeJS.ErrnoException);
      const place = target.path ?? `${target.host}:${target.port}`;
      throw new Error(`Could not connect to ${place}: ${reason}.`, { cause: error });
    }
    return connection;
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends bytes one at a time, each in a turn of the event loop and so in a segment of its own. */
  async sendByteByByte(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      this.#socket.write(Uint8Array.of(byte));
      await nextTurn();
    }
  }

  /** Bytes of `send` whose write has not ended; a write ends when the kernel has taken the last of its bytes. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Leaves the server's bytes in the kernel until `resumeReading`, so that they fill every buffer on their way. */
  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  /**
   * Resolves when what was sent has gone or no longer moves. How long that is watched decides how hard a case
   * presses the server, never its verdict.
   */
  async sendingStalls(): Promise<void> {
    let unsentBytes = this.#socket.writableLength;
    for (let quietTurns = 0; quietTurns < STALL_TURNS; quietTurns++) {
      await nextTurn();
      if (this.#socket.writableLength !== unsentBytes) quietTurns = 0;
      unsentBytes = this.#socket.writableLength;
    }
  }

  /** Sends the first `firstBytes` bytes well before the others, and those byte by byte. */
  async sendWithPause(bytes: Uint8Array, firstBytes: number): Promise<void> {
    this.send(bytes.subarray(0, firstBytes));
    await this.sendingStalls();
    await this.sendByteByByte(bytes.subarray(firstBytes));
  }

  /** Sends FIN after everything that was sent, and goes on reading. */
  sendFin(): void {
    this.#socket.end();
  }

  /** Sends RST, which a Unix socket does not have, and resolves when the connection is gone. */
  async reset(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, "close");
    if (this.#canReset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    await closed;
  }

  /** Exactly `lengthBytes` bytes; `what` names them for the sentence of a rejection. */
  async read(lengthBytes: number, what: string): Promise<Buffer> {
    while (this.#bufferedBytes < lengthBytes) {
      await this.#more(() => `Expected ${lengthBytes} bytes of ${what}, but ${this.#bufferedBytes} came`);
    }
    return this.#take(lengthBytes);
  }

  /** The bytes up to and with the first `delimiter`, at most `limitBytes`. */
  async readThrough(delimiter: string, limitBytes: number, what: string): Promise<Buffer> {
    for (;;) {
      const front = this.#front(0);
      const found = front.indexOf(delimiter);
      if (found !== -1) return this.#take(found + delimiter.length);
      if (front.length < this.#bufferedBytes) {
        this.#front(front.length + 1);
        continue;
      }
      if (this.#bufferedBytes > limitBytes) {
        throw new Error(`Expected ${what} to end within ${limitBytes} bytes, but it did not.`);
      }
      await this.#more(() => `Expected ${what}, but only ${this.#bufferedBytes} bytes of it came`);
    }
  }

  /** Everything up to the server's FIN; rejects when the connection ends in any other way. */
  async readToFin(what: string): Promise<Buffer> {
    while (this.#over === null) await this.#more(() => `Expected ${what}`);
    if (!this.#socket.readableEnded) throw new Error(`Expected ${what}, but ${this.#over}.`);
    return this.#take(this.#bufferedBytes);
  }

  /** Whether the connection ends, by FIN or RST, before another byte comes; rejects when time is up. */
  async endsNext(what: string): Promise<boolean> {
    while (this.#bufferedBytes === 0 && this.#over === null) await this.#more(() => `Expected ${what}`);
    if (this.#bufferedBytes === 0 && this.#over === TIME_IS_UP)
      throw new Error(`Expected ${what}, but ${this.#over}.`);
    return this.#bufferedBytes === 0;
  }

  /** Resolves when bytes or the end have come; rejects when the end had come before. */
  async #more(expected: () => string): Promise<void> {
    if (this.#over !== null) throw new Error(`${expected()}: ${this.#over}.`);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #finish(reason: string): void {
    this.#over ??= reason;
    this.#wake();
  }

  /** The first bytes in one piece, at least so many of them; what came behind them is not copied. */
  #front(lengthBytes: number): Buffer {
    let count = 0;
    let joinedBytes = 0;
    while (count < this.#chunks.length && (count === 0 || joinedBytes < lengthBytes))
      joinedBytes += (this.#chunks[count++] as Buffer).length;
    if (count !== 1) this.#chunks.splice(0, count, Buffer.concat(this.#chunks.slice(0, count), joinedBytes));
    return this.#chunks[0] as Buffer;
  }

  #take(lengthBytes: number): Buffer {
    const front = this.#front(lengthBytes);
    if (front.length > lengthBytes) this.#chunks[0] = front.subarray(lengthBytes);
    else this.#chunks.shift();
    this.#bufferedBytes -= lengthBytes;
    return front.subarray(0, lengthBytes);
  }
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.name === "AbortError") return TIME_IS_UP;
  if (error.code === "ECONNRESET") return "the server reset the connection (ECONNRESET)";
  if (error.code === "ECONNREFUSED") return "the server refused the connection (ECONNREFUSED)";
  return error.message;
}
