/**
 * An agent: a machine that loads servers for whichever controller asks, one controller at a time. It runs loads and
 * nothing else, against the addresses that its own user allowed. What a slice observed goes to the stream of results, so
 * that it is there for a controller that was away meanwhile.
 */
import { setTimeout as delay } from "node:timers/promises";
import { jetstream, type JetStreamClient } from "@nats-io/jetstream";
import { nuid, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { startGenerator, type Generator } from "../children/generator/generator.ts";
import type { LoadJob } from "../children/generator/job.ts";
import type { LoadSession } from "../children/generator/run-load.ts";
import { Failure } from "../failure.ts";
import { allowedCpus } from "../machine/cpu-list.ts";
import type { Allowed } from "./allowed.ts";
import { connectBroker } from "./broker.ts";
import type { BrokerOptions } from "./broker-options.ts";
import { monotonicNs } from "./clock.ts";
import {
  orderSubject,
  readClockOrder,
  readCloseOrder,
  readOpenOrder,
  readRollCall,
  readSliceOrder,
  resultSubject,
  ROLL_CALL,
  VERSION,
  type OpenOrder,
  type OrderKind,
  type Presence,
  type Reply,
  type SliceOrder,
  type SliceResult,
} from "./messages.ts";

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
const LOOK_MS = 1000;
/** How long a result is offered to a broker that does not take it. */
const STORING_MS = 10 * 60_000;
const AGAIN_MS = 200;
const ANSWER_MS = 5000;

/** Serves until the signal is aborted. Rejects with a Failure when the broker cannot be reached at the start. */
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

interface OpenSession {
  load: LoadSession;
  /** Slices already ordered, for an order that arrives twice because its answer was lost. */
  ordered: Set<number>;
}

class Agent {
  readonly #id = nuid.next();
  readonly #options: AgentOptions;
  readonly #connection: NatsConnection;
  readonly #stream: JetStreamClient;
  readonly #sessions = new Map<string, OpenSession>();
  readonly #working = new Set<Promise<void>>();
  #generator: Generator | null = null;
  #controller: { id: string; heardAtMs: number } | null = null;

  constructor(options: AgentOptions, connection: NatsConnection) {
    this.#options = options;
    this.#connection = connection;
    this.#stream = jetstream(connection);
  }

  async serve(): Promise<void> {
    const { signal, name, allowed, onEvent } = this.#options;
    this.#answerRollCalls();
    this.#answer("clock", readClockOrder, async () => undefined);
    this.#answer("open", readOpenOrder, (order) => this.#open(order));
    this.#answer("slice", readSliceOrder, async (order) => this.#run(order));
    this.#answer("close", readCloseOrder, ({ session }) => this.#close(session));
    await this.#connection.flush();
    onEvent(`${name} is ready at ${this.#connection.getServer()}, and loads ${allowed.text} only`);
    while (!signal.aborted) {
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
      await this.#forgetSilent();
    }
  }

  /** Ends the generator, and waits for results that are on their way, but not for a broker that is away. */
  async stop(): Promise<void> {
    await this.#release();
    if (!this.#connection.isClosed()) await Promise.race([Promise.all(this.#working), delay(ANSWER_MS)]);
  }

  #answerRollCalls(): void {
    this.#connection.subscribe(ROLL_CALL, {
      callback: (_error, message) => {
        try {
          readRollCall(message.data);
        } catch {
          return;
        }
        const presence: Presence = {
          ...{ version: VERSION, id: this.#id, name: this.#options.name },
          threads: Math.max(1, this.#options.cpus.length),
          busyWith: this.#controller?.id ?? null,
        };
        message.respond(JSON.stringify(presence));
      },
    });
  }

  #answer<Order extends { controller: string }>(
    kind: OrderKind,
    read: (bytes: Uint8Array) => Order,
    obey: (order: Order) => Promise<void>,
  ): void {
    const answer = async (message: Msg): Promise<void> => {
      const error = await this.#obey(() => read(message.data), obey);
      message.respond(JSON.stringify({ error, nowNs: monotonicNs() } satisfies Reply));
    };
    this.#connection.subscribe(orderSubject(this.#id, kind), {
      callback: (_error, message) => void answer(message),
    });
  }

  /** Why an order was not obeyed; null when it was. */
  async #obey<Order extends { controller: string }>(
    read: () => Order,
    obey: (order: Order) => Promise<void>,
  ): Promise<string | null> {
    try {
      const order = read();
      this.#hear(order.controller);
      await obey(order);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  /** Refuses a second controller, whose load would spoil that of the first. */
  #hear(controller: string): void {
    const known = this.#controller;
    if (known !== null && known.id !== controller && this.#sessions.size > 0)
      throw new Failure(4, "it works for another controller");
    this.#controller = { id: controller, heardAtMs: performance.now() };
  }

  async #open({ session, job }: OpenOrder): Promise<void> {
    const { allowed, cpus, name, onEvent } = this.#options;
    if (!allowed.has(job.host, job.port)) {
      onEvent(`refused to load ${job.host}:${job.port}, which is not in --allow ${allowed.text}`);
      throw new Failure(
        4,
        `it may not load ${job.host}:${job.port}; its own user allows that with: readymark agent --allow ${job.host}`,
      );
    }
    if (this.#sessions.has(session)) return;
    onEvent(`${name} opens ${job.connections} connections with others to ${job.host}:${job.port}`);
    this.#generator ??= startGenerator(cpus.length === 0 ? allowedCpus() : cpus);
    const load = await this.#generator.openSession(loadJobOf(job, cpus));
    this.#sessions.set(session, { load, ordered: new Set() });
  }

  /** Begins a slice, and answers at once: its result is stored when it is there. */
  #run(order: SliceOrder): void {
    const session = this.#sessions.get(order.session);
    if (session === undefined) throw new Failure(4, "it has no such session any more");
    if (session.ordered.has(order.slice)) return;
    session.ordered.add(order.slice);
    const work = this.#runAndStore(session.load, order).finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #runAndStore(load: LoadSession, order: SliceOrder): Promise<void> {
    const { startNs, discardSeconds, durationSeconds, seed } = order;
    const slice = { startNs, discardSeconds, durationSeconds, seed, stallSeconds: 0, neighbourPids: [] };
    const result: SliceResult = { orderedNs: startNs, error: null, load: null };
    try {
      result.load = await load.run(slice);
    } catch (error) {
      result.error = error instanceof Error ? error.message : String(error);
    }
    const subject = resultSubject(order.session, order.slice, this.#id);
    await this.#store(subject, JSON.stringify(result));
  }

  /** The message's own identity makes sure that a result is kept once, however often it is offered. */
  async #store(subject: string, payload: string): Promise<void> {
    const since = performance.now();
    for (;;) {
      try {
        await this.#stream.publish(subject, payload, { msgID: subject, timeout: ANSWER_MS });
        return;
      } catch (error) {
        if (this.#connection.isClosed() || performance.now() - since > STORING_MS) {
          this.#options.onEvent(
            `gave up storing a result: ${error instanceof Error ? error.message : String(error)}`,
          );
          return;
        }
        await delay(AGAIN_MS);
      }
    }
  }

  async #close(session: string): Promise<void> {
    const open = this.#sessions.get(session);
    this.#sessions.delete(session);
    await open?.load.close();
  }

  async #forgetSilent(): Promise<void> {
    const controller = this.#controller;
    if (controller === null || performance.now() - controller.heardAtMs < SILENCE_MS) return;
    if (this.#sessions.size > 0)
      this.#options.onEvent("the controller has been silent for a minute, so its connections are closed");
    await this.#release();
  }

  async #release(): Promise<void> {
    this.#controller = null;
    this.#sessions.clear();
    const generator = this.#generator;
    this.#generator = null;
    await generator?.stop();
  }
}

function loadJobOf(job: OpenOrder["job"], cpus: readonly number[]): LoadJob {
  return {
    ...job,
    ...{ warmupSeconds: 0, durationSeconds: 1, serverPids: [], cpus },
    // A CPU that the user gave to the generator is its own.
    spin: job.loop === "open" && cpus.length > 0,
  };
}
