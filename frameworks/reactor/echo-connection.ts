/** Connects a codec to a socket of the reactor, and keeps what the socket does not take yet. */
import type { Protocol } from "../../harness/contract.ts";
import type { Codec, Output } from "../../protocols/codec.ts";
import { createEchoCodec } from "../../protocols/echo.ts";
import type { Socket } from "../../reactor/index.ts";

export type EchoSocket = Socket<EchoConnection>;

export class EchoConnection implements Output {
  readonly codec: Codec;
  readonly #socket: EchoSocket;
  /** Bytes that the socket refused, in order; while there are any, nothing is read. */
  #refused: Uint8Array[] = [];
  #ends = false;

  constructor(socket: EchoSocket, protocol: Protocol) {
    this.#socket = socket;
    this.codec = createEchoCodec(protocol, this);
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
