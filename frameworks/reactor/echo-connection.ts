/** Connects codecs to sockets of the reactor, and keeps what a socket does not take yet. */
import type { Protocol } from "../../harness/contract.ts";
import type { Codec, Output } from "../../protocols/codec.ts";
import { createEchoCodec } from "../../protocols/echo.ts";
import type { Socket, SocketHandlers } from "../../reactor/index.ts";

/** A connection that is between two messages has nothing. */
type EchoSocket = Socket<EchoConnection | undefined>;

/** What connections leave behind between messages is kept for the next ones, but not that of a crowd. */
const MOST_SPARE = 256;

/** The handlers of an echo server. */
export function echoHandlers(protocol: Protocol): SocketHandlers<EchoConnection | undefined> {
  const spare: EchoConnection[] = [];
  const take = (socket: EchoSocket): EchoConnection => {
    const connection = spare.pop() ?? new EchoConnection(protocol);
    connection.serve(socket);
    socket.data = connection;
    return connection;
  };
  const leave = (socket: EchoSocket, connection: EchoConnection): void => {
    if (!connection.isFresh) return;
    socket.data = undefined;
    if (spare.length < MOST_SPARE) spare.push(connection);
  };
  return {
    data: (socket, chunk) => {
      const connection = socket.data ?? take(socket);
      connection.codec.data(chunk);
      leave(socket, connection);
    },
    drain: (socket) => {
      if (socket.data === undefined) return;
      socket.data.goOn();
      leave(socket, socket.data);
    },
    end: (socket) => (socket.data ?? take(socket)).codec.end(),
  };
}

/** One connection while a message is on its way, and then another one. */
class EchoConnection implements Output {
  readonly takesAtOnce = true;
  readonly codec: Codec;
  #socket!: EchoSocket;
  /** Bytes that the socket refused, in order; while there are any, nothing is read. */
  #refused: Uint8Array[] = [];
  #ends = false;

  constructor(protocol: Protocol) {
    this.codec = createEchoCodec(protocol, this);
  }

  serve(socket: EchoSocket): void {
    this.#socket = socket;
  }

  /** Whether another connection may have it. */
  get isFresh(): boolean {
    return this.#refused.length === 0 && !this.#ends && this.codec.isFresh;
  }

  write(bytes: Uint8Array): void {
    const taken = this.#refused.length === 0 ? this.#socket.write(bytes) : 0;
    if (taken === bytes.length) return;
    if (this.#refused.length === 0) this.#socket.pause();
    // The rest may be a view of the received chunk, whose memory is used again.
    this.#refused.push(Buffer.from(bytes.subarray(taken)));
  }

  end(): void {
    this.#ends = true;
    if (this.#refused.length === 0) this.#socket.end();
  }

  /** Writes what was refused, as far as the socket takes it now. */
  goOn(): void {
    const refused = this.#refused;
    let whole = 0;
    for (const bytes of refused) {
      const taken = this.#socket.write(bytes);
      if (taken < bytes.length) {
        refused[whole] = bytes.subarray(taken);
        break;
      }
      whole += 1;
    }
    refused.splice(0, whole);
    if (refused.length > 0) return;
    if (this.#ends) this.#socket.end();
    else this.#socket.resume();
  }
}
