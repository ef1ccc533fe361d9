/**
 * The discard service (RFC 863) with a receipt: what arrives is thrown away, and each megabyte (10^6 bytes) is answered by how
 * many bytes there were so far, in eight bytes, most significant first. So a stream goes one way, and nothing of it is
 * lost unseen.
 */
import type { Codec, Output } from "./codec.ts";

/** Bytes for which there is one receipt. */
const RECEIPT_EVERY = 1_000_000;
const RECEIPT_BYTES = 8;

export class DiscardCodec implements Codec {
  /** It counts from the beginning of its connection. */
  readonly isFresh = false;
  readonly #output: Output;
  #bytes = 0;
  #receipted = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  data(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    while (this.#bytes - this.#receipted >= RECEIPT_EVERY) {
      this.#receipted += RECEIPT_EVERY;
      const receipt = Buffer.allocUnsafe(RECEIPT_BYTES);
      receipt.writeBigUInt64BE(BigInt(this.#receipted));
      this.#output.write(receipt);
    }
  }

  end(): void {
    this.#output.end();
  }
}
