/** Raw bytes over TCP: there is no framing, so each received chunk goes to the handler as it is. */
import type { Codec, Output } from "./codec.ts";

/** Answers one received chunk, a view that is valid only during the call; null sends nothing. */
export type ChunkHandler = (chunk: Uint8Array) => Uint8Array | null;

export class TcpCodec implements Codec {
  readonly #output: Output;
  readonly #handler: ChunkHandler;

  constructor(output: Output, handler: ChunkHandler) {
    this.#output = output;
    this.#handler = handler;
  }

  /** It keeps nothing from one chunk to the next. */
  get isFresh(): boolean {
    return true;
  }

  data(chunk: Uint8Array): void {
    const answer = this.#handler(chunk);
    if (answer !== null) this.#output.write(answer);
  }

  end(): void {
    this.#output.end();
  }
}
