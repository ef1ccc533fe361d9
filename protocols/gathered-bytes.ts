/** Bytes that arrive in pieces and must end up side by side: heads, bodies and messages that span chunks. */

/** How much memory a peer gets for merely announcing a length; beyond it, memory follows the bytes that arrive. */
const TRUSTED_BYTES = 256 * 1024;
const SMALLEST_BYTES = 1024;

export class GatheredBytes {
  readonly #headroomBytes: number;
  readonly #expectedBytes: number;
  #buffer: Uint8Array | null = null;
  #length = 0;

  /**
   * `headroomBytes` stay free before the first byte, for a header that is written later.
   * `expectedBytes` is the announced length, or 0 when there is none.
   */
  constructor(headroomBytes: number, expectedBytes: number) {
    this.#headroomBytes = headroomBytes;
    this.#expectedBytes = expectedBytes;
  }

  /** How many bytes have been gathered. */
  get length(): number {
    return this.#length;
  }

  /** The memory behind the gathered bytes, which begin at the headroom; replaced when an append needs more. */
  get buffer(): Uint8Array {
    this.#buffer ??= this.#allocate(0);
    return this.#buffer;
  }

  /** A view of the gathered bytes; it shares their memory. */
  get bytes(): Uint8Array {
    if (this.#buffer === null) return new Uint8Array(0);
    return this.#buffer.subarray(this.#headroomBytes, this.#headroomBytes + this.#length);
  }

  /** Copies `source[start, end)` behind what is there. */
  append(source: Uint8Array, start: number, end: number): void {
    const length = this.#length + end - start;
    if (this.#buffer === null || this.#headroomBytes + length > this.#buffer.length) {
      const larger = this.#allocate(length);
      if (this.#buffer !== null) larger.set(this.#buffer.subarray(0, this.#headroomBytes + this.#length));
      this.#buffer = larger;
    }
    const whole = start === 0 && end === source.length;
    this.#buffer.set(whole ? source : source.subarray(start, end), this.#headroomBytes + this.#length);
    this.#length = length;
  }

  /** Forgets the bytes but keeps the memory; only for bytes that were never handed out. */
  clear(): void {
    this.#length = 0;
  }

  #allocate(neededBytes: number): Uint8Array {
    const expected = this.#expectedBytes;
    let capacity = Math.max(neededBytes, 2 * this.#length, Math.min(expected, TRUSTED_BYTES), SMALLEST_BYTES);
    if (expected >= neededBytes && expected > 0) capacity = Math.min(capacity, expected);
    return Buffer.allocUnsafe(this.#headroomBytes + capacity);
  }
}
