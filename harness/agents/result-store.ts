/** Puts results into the stream, once each, however long the broker is away. */
import { setTimeout as delay } from "node:timers/promises";
import { jetstream, type JetStreamClient } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { coarser } from "../children/generator/slice-load.ts";
import { plainText, resultSubject, type SliceOrder, type SliceResult } from "./messages.ts";

/** How long a result is offered to a broker that does not take it. */
const STORING_MS = 10 * 60_000;
const AGAIN_MS = 200;
const ANSWER_MS = 5000;
/** A series of a long load would be larger than what a broker takes. */
const MOST_POINTS = 2000;

export class ResultStore {
  readonly #connection: NatsConnection;
  readonly #stream: JetStreamClient;
  readonly #agent: string;
  readonly #onEvent: (sentence: string) => void;
  readonly #storing = new Set<Promise<void>>();

  constructor(connection: NatsConnection, agent: string, onEvent: (sentence: string) => void) {
    this.#connection = connection;
    this.#stream = jetstream(connection);
    this.#agent = agent;
    this.#onEvent = onEvent;
  }

  /** Returns at once. */
  store({ session, slice }: SliceOrder, result: SliceResult): void {
    const subject = resultSubject(session, slice, this.#agent);
    const storing = this.#offer(subject, this.#payloadOf(result)).finally(() =>
      this.#storing.delete(storing),
    );
    this.#storing.add(storing);
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#storing);
  }

  #payloadOf(result: SliceResult): string {
    const load = result.load === null ? null : coarser(result.load, MOST_POINTS);
    const payload = JSON.stringify({ ...result, load } satisfies SliceResult);
    const most = this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (Buffer.byteLength(payload) <= most) return payload;
    const error = `its result has ${Buffer.byteLength(payload)} bytes, and the broker takes ${most}; raise max_payload`;
    return JSON.stringify({ ...result, load: null, error } satisfies SliceResult);
  }

  /** The message's own identity makes sure that it is kept once, however often it is offered. */
  async #offer(subject: string, payload: string): Promise<void> {
    const since = performance.now();
    for (;;) {
      try {
        await this.#stream.publish(subject, payload, { msgID: subject, timeout: ANSWER_MS });
        return;
      } catch (error) {
        if (this.#connection.isClosed() || performance.now() - since > STORING_MS)
          return this.#onEvent(`gave up storing a result: ${plainText(error)}`);
        await delay(AGAIN_MS);
      }
    }
  }
}
