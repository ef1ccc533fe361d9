/** Reads request heads out of received chunks: straight from the chunk when it holds a whole head, else from a copy. */
import { GatheredBytes } from "./gathered-bytes.ts";
import { HEAD_TOO_LARGE } from "./http-faults.ts";
import type { HttpLimits } from "./http-faults.ts";
import { HttpHead, INCOMPLETE, REFUSED } from "./http-head.ts";
import { LF } from "./http-syntax.ts";

export class HttpHeadReader {
  /** The head read last. Its strings come from the chunk it was read from, unless `keep` copied it. */
  readonly head: HttpHead;
  readonly #limitBytes: number;
  readonly #pending = new GatheredBytes(0, 0);
  #start = 0;
  #after = 0;

  constructor(limits: HttpLimits) {
    this.#limitBytes = limits.headBytes;
    this.head = new HttpHead(limits);
  }

  /**
   * Goes on reading a head at `at`. Returns the position after the head; or `INCOMPLETE`, with the rest of the chunk
   * copied; or `REFUSED`, with the reason in `head.fault`.
   */
  read(chunk: Uint8Array, at: number): number {
    if (this.#pending.length > 0) return this.#readOn(chunk, at);
    const end = Math.min(chunk.length, at + this.#limitBytes);
    const after = this.head.parse(chunk, at, end);
    if (after >= 0) {
      this.#start = at;
      this.#after = after;
      return after;
    }
    if (after === INCOMPLETE) {
      if (end - at === this.#limitBytes) return this.#refuseSize();
      this.#pending.append(chunk, at, end);
    }
    return after;
  }

  /** Copies the head out of the chunk it was read from, because a body will outlast that chunk. */
  keep(chunk: Uint8Array): void {
    if (this.#pending.length > 0) return;
    this.#pending.append(chunk, this.#start, this.#after);
    this.head.moveTo(this.#pending.bytes, 0);
  }

  /** Whether nothing of a head has arrived. */
  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /** Makes ready for the next request on the connection. */
  reset(): void {
    this.head.reset();
    this.#pending.clear();
  }

  #readOn(chunk: Uint8Array, at: number): number {
    const pending = this.#pending;
    const end = Math.min(chunk.length, at + this.#limitBytes - pending.length);
    pending.append(chunk, at, end);
    const full = pending.length === this.#limitBytes;
    // A head can only make progress at the end of a line; looking for that first keeps tiny pieces linear in cost.
    if (!full && !chunk.subarray(at, end).includes(LF)) return INCOMPLETE;
    const after = this.head.parse(pending.bytes, 0, pending.length);
    if (after >= 0) return end - (pending.length - after);
    return after === INCOMPLETE && full ? this.#refuseSize() : after;
  }

  #refuseSize(): number {
    this.head.fault = HEAD_TOO_LARGE;
    return REFUSED;
  }
}
