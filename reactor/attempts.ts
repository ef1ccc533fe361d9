/** Outgoing connections that are not made yet, until it is known how each of them ended. */
import type { NativeConnectOptions } from "../native/index.ts";
import { connectError, type ReactorError } from "./error.ts";
import type { Owner, Socket, SocketHandlers } from "./socket.ts";

export class Attempt<Data = unknown> implements Owner<Data> {
  readonly handlers: SocketHandlers<Data>;
  readonly #result: Promise<Socket<Data>>;
  readonly #options: NativeConnectOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #onReleased: () => void;
  readonly #onAbort = (): void => this.#abort();
  #socket: Socket<Data> | null = null;
  #resolve: (socket: Socket<Data>) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(
    options: NativeConnectOptions,
    handlers: SocketHandlers<Data>,
    signal: AbortSignal | undefined,
    onReleased: () => void,
  ) {
    this.#options = options;
    this.handlers = handlers;
    this.#signal = signal;
    this.#onReleased = onReleased;
    this.#result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Resolves with the socket once it is open. */
  begin(socket: Socket<Data>): Promise<Socket<Data>> {
    this.#socket = socket;
    this.#signal?.addEventListener("abort", this.#onAbort);
    return this.#result;
  }

  /** The socket whose `open` handler to call; null when the attempt was given up meanwhile and its end follows. */
  opened(): Socket<Data> | null {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return this.#signal?.aborted === true ? null : this.#socket;
  }

  succeed(socket: Socket<Data>): void {
    this.#resolve(socket);
  }

  /** `cause` is an errno, or what ended every attempt at once. */
  failed(cause: number | ReactorError): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#socket?.markOver();
    this.#reject(typeof cause === "number" ? connectError(this.#options, cause) : cause);
    this.#onReleased();
  }

  released(): void {
    this.#onReleased();
  }

  #abort(): void {
    this.#socket?.terminate();
    this.#reject(this.#signal?.reason);
  }
}

/**
 * Attempts by the slot and generation of their connection. A slot alone would not do: one may be taken again before
 * JavaScript got the event that its last connection is over.
 */
export class Attempts {
  readonly #byToken = new Map<string, Attempt>();

  get size(): number {
    return this.#byToken.size;
  }

  add(slot: number, generation: number, attempt: Attempt): void {
    this.#byToken.set(`${slot}:${generation}`, attempt);
  }

  find(slot: number, generation: number): Attempt | undefined {
    return this.#byToken.size === 0 ? undefined : this.#byToken.get(`${slot}:${generation}`);
  }

  remove(slot: number, generation: number): void {
    this.#byToken.delete(`${slot}:${generation}`);
  }

  /** Ends all of them, as when the multiplexer failed. */
  failAll(error: ReactorError): void {
    const attempts = [...this.#byToken.values()];
    this.#byToken.clear();
    for (const attempt of attempts) attempt.failed(error);
  }
}
