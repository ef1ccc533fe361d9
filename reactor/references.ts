/** Counts what keeps a thread running for the reactor's sake: servers and connections, unless they were told not to. */
import type { NativeReactor } from "../native/index.ts";

export class References {
  readonly #native: NativeReactor;
  #count = 0;

  constructor(native: NativeReactor) {
    this.#native = native;
  }

  add(): void {
    this.#count += 1;
    if (this.#count === 1) this.#native.keepLoopAlive(true);
  }

  remove(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#native.keepLoopAlive(false);
  }
}
