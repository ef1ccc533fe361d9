/**
 * An agent: a machine that loads servers for whichever controller asks, one controller at a time. It runs loads and
 * nothing else, against the addresses that its own user allowed. What a slice observed goes to the stream of results, so
 * that it is there for a controller that was away meanwhile.
 */
import { setTimeout as delay } from "node:timers/promises";
import { nuid, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { Failure } from "../failure.ts";
import type { Allowed } from "./allowed.ts";
import { connectBroker } from "./broker.ts";
import type { BrokerOptions } from "./broker-options.ts";
import { monotonicNs } from "./clock.ts";
import {
  orderSubject,
  plainText,
  readClockOrder,
  readCloseOrder,
  readOpenOrder,
  readRollCall,
  readSliceOrder,
  ROLL_CALL,
  VERSION,
  type OrderKind,
  type Presence,
  type Reply,
} from "./messages.ts";
import { ResultStore } from "./result-store.ts";
import { Work } from "./work.ts";

export interface AgentOptions {
  broker: BrokerOptions;
  /** How controllers name it in what they say. */
  name: string;
  allowed: Allowed;
  /** Where its generator may run, a thread on each; empty for one thread wherever there is room. */
  cpus: readonly number[];
  signal: AbortSignal;
  /** Called with what happened, in a sentence. */
  onEvent(sentence: string): void;
}

/** A controller that is silent for so long is gone, and what it opened is closed. */
const SILENCE_MS = 60_000;
/** Controllers ask every second, also while they have nothing open, as between two servers. */
const HELD_MS = 3000;
const LOOK_MS = 1000;
/** For results that are on their way when the agent ends. */
const LEAVING_MS = 5000;

/** Serves until the signal is aborted. Rejects with a Failure when the broker cannot be reached, or closes the connection for good. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const connection = await connectBroker(options.broker, `readymark agent ${options.name}`);
  const agent = new Agent(options, connection);
  try {
    await agent.serve();
  } finally {
    await agent.stop();
    await connection.close();
  }
}

class Agent {
  readonly #id = nuid.next();
  readonly #options: AgentOptions;
  readonly #connection: NatsConnection;
  readonly #results: ResultStore;
  readonly #work: Work;
  #controller: { id: string; heardAtMs: number } | null = null;

  constructor(options: AgentOptions, connection: NatsConnection) {
    this.#options = options;
    this.#connection = connection;
    this.#results = new ResultStore(connection, this.#id, options.onEvent);
    this.#work = new Work(options, this.#results);
  }

  async serve(): Promise<void> {
    const { signal, name, allowed, onEvent } = this.#options;
    this.#answerRollCalls();
    this.#answer("clock", readClockOrder, async () => undefined);
    this.#answer("open", readOpenOrder, (order) => this.#work.open(order));
    this.#answer("slice", readSliceOrder, async (order) => this.#work.run(order));
    this.#answer("close", readCloseOrder, ({ session }) => this.#work.close(session));
    await this.#connection.flush();
    onEvent(`${name} is ready at ${this.#connection.getServer()}, and loads ${allowed.text} only`);
    let closed: string | null = null;
    void this.#connection.closed().then((error) => (closed = error instanceof Error ? error.message : ""));
    while (!signal.aborted) {
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
      if (closed !== null && !signal.aborted)
        throw new Failure(4, `The connection to NATS was closed${closed === "" ? "" : `: ${closed}`}.`);
      await this.#forgetSilent();
    }
  }

  /** Ends the generator, and waits for results that are on their way, but not for a broker that is away. */
  async stop(): Promise<void> {
    await this.#work.drop("the agent was ended");
    if (!this.#connection.isClosed())
      await Promise.race([this.#results.settled(), delay(LEAVING_MS, undefined, { ref: false })]);
  }

  #answerRollCalls(): void {
    this.#listen(ROLL_CALL, (message) => {
      readRollCall(message.data);
      const presence: Presence = {
        ...{ version: VERSION, id: this.#id, name: this.#options.name, threads: this.#work.threads },
        busyWith: this.#holder(),
      };
      message.respond(JSON.stringify(presence));
    });
  }

  #answer<Order extends { controller: string }>(
    kind: OrderKind,
    read: (bytes: Uint8Array) => Order,
    obey: (order: Order) => Promise<void>,
  ): void {
    this.#listen(orderSubject(this.#id, kind), async (message) => {
      const failure = await this.#obey(() => read(message.data), obey);
      const reply: Reply = {
        error: failure === null ? null : plainText(failure),
        // What went wrong by itself may go well the next time.
        isRefusal: failure instanceof Failure || failure instanceof RangeError,
        nowNs: monotonicNs(),
      };
      message.respond(JSON.stringify(reply));
    });
  }

  /** Whatever goes wrong with one message is no reason to hear no other. */
  #listen(subject: string, answer: (message: Msg) => void | Promise<void>): void {
    const { onEvent, name } = this.#options;
    const say = (error: unknown): void => onEvent(`${name} could not answer ${subject}: ${plainText(error)}`);
    const answerSafely = async (message: Msg): Promise<void> => {
      try {
        await answer(message);
      } catch (error) {
        say(error);
      }
    };
    this.#connection.subscribe(subject, {
      callback: (error, message) => (error === null ? void answerSafely(message) : say(error)),
    });
  }

  /** Why an order was not obeyed; null when it was. */
  async #obey<Order extends { controller: string }>(
    read: () => Order,
    obey: (order: Order) => Promise<void>,
  ): Promise<unknown> {
    try {
      const order = read();
      this.#hear(order.controller);
      await obey(order);
      return null;
    } catch (error) {
      return error;
    }
  }

  /** The controller that it works for, also between two servers; null for none. */
  #holder(): string | null {
    if (this.#controller === null) return null;
    const { id, heardAtMs } = this.#controller;
    return this.#work.isBusy || performance.now() - heardAtMs < HELD_MS ? id : null;
  }

  /** Refuses a second controller, whose load would spoil that of the first. */
  #hear(controller: string): void {
    const holder = this.#holder();
    if (holder !== null && holder !== controller) throw new Failure(4, "it works for another controller");
    this.#controller = { id: controller, heardAtMs: performance.now() };
  }

  /** A slice that was ordered is finished all the same, for whoever collects it. */
  async #forgetSilent(): Promise<void> {
    const heardAtMs = this.#controller?.heardAtMs ?? 0;
    if (!this.#work.isBusy || this.#work.isLoading || performance.now() - heardAtMs < SILENCE_MS) return;
    this.#options.onEvent("the controller has been silent for a minute, so its connections are closed");
    await this.#work.drop("the controller was silent");
  }
}
