/**
 * The agents that one controller works with: found by a roll call, watched while they work, and asked for their clocks. An
 * agent that does not answer for some seconds, while the broker does, is lost.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { JetStreamManager } from "@nats-io/jetstream";
import { NoRespondersError, nuid, RequestError, type NatsConnection } from "@nats-io/transport-node";
import { Failure, Refusal } from "../failure.ts";
import { connectBroker, openStream } from "./broker.ts";
import { publicUrl, type BrokerOptions } from "./broker-options.ts";
import { clockReading, monotonicNs, type ClockReading, type ClockSample } from "./clock.ts";
import {
  orderSubject,
  plainText,
  readPresence,
  readReply,
  ROLL_CALL,
  VERSION,
  type OrderKind,
  type Presence,
  type Reply,
} from "./messages.ts";

export interface PoolOptions {
  broker: BrokerOptions;
  /** How many agents are to load together. */
  agents: number;
  signal: AbortSignal;
}

/** An agent as its controller sees it. */
export interface Member extends Presence {
  /** The number of its first thread among those of all. */
  firstThread: number;
  clock: ClockReading;
  /** When it answered last, by `performance.now()`. */
  heardAtMs: number;
  isLost: boolean;
}

/** For agents to answer the roll call, of whom some may be starting. */
const GATHERING_MS = 5_000;
const ROLL_CALL_MS = 300;
const WATCH_MS = 1000;
const SILENCE_MS = 5000;
const CLOCK_QUESTIONS = 8;
const CLOCK_ANSWER_MS = 2000;
const AGAIN_MS = 1000;
const BROKER_ANSWER_MS = 1000;

/** Rejects with a Failure when the broker or enough agents cannot be found. */
export async function openPool(options: PoolOptions): Promise<AgentPool> {
  const connection = await connectBroker(options.broker, "readymark controller");
  try {
    const manager = await openStream(connection);
    const controller = nuid.next();
    const present = await gather(connection, controller, options, new Set());
    const pool = new AgentPool({ connection, manager, controller }, membersOf(present), options);
    await pool.readClocks();
    pool.requireClocks();
    pool.watch();
    return pool;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface Link {
  connection: NatsConnection;
  manager: JetStreamManager;
  controller: string;
}

export class AgentPool {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  members: readonly Member[];
  readonly #controller: string;
  readonly #options: PoolOptions;
  /** Of whoever works with the pool. */
  readonly signal: AbortSignal;
  readonly #closing = new AbortController();
  #isConnected = true;

  constructor({ connection, manager, controller }: Link, members: readonly Member[], options: PoolOptions) {
    this.connection = connection;
    this.manager = manager;
    this.#controller = controller;
    this.members = members;
    this.#options = options;
    this.signal = options.signal;
  }

  /** Takes others for those that were lost. Rejects with a Failure when there are none. */
  async replaceLost(): Promise<void> {
    const left = this.members.filter(({ isLost }) => !isLost);
    if (left.length === this.members.length) return;
    const known = new Set(left.map(({ id }) => id));
    const found = await gather(this.connection, this.#controller, this.#options, known);
    this.members = membersOf([...left, ...found]);
    await this.readClocks();
    this.requireClocks();
  }

  /** Throws a Failure that names agents whose clock nobody has ever read: they could not be told when to begin. */
  requireClocks(): void {
    const unknown = this.members
      .filter(({ clock }) => !Number.isFinite(clock.errorNs))
      .map(({ name }) => name);
    if (unknown.length > 0)
      throw new Failure(
        4,
        `The agent ${unknown.join(" and ")} did not tell its clock; start it again, and then go on.`,
      );
  }

  /** Gives an order and resolves when it is obeyed. Rejects with a Failure when it is refused, else with an Error; both name the agent. */
  async ask(member: Member, kind: OrderKind, order: object, seconds: number): Promise<Reply> {
    const untilMs = performance.now() + seconds * 1000;
    for (;;) {
      try {
        // What was on its way when a broker ended is lost, so that an order is given again and again.
        const timeout = Math.min(AGAIN_MS, Math.max(1, untilMs - performance.now()));
        const payload = JSON.stringify({ ...order, controller: this.#controller });
        const answer = await this.connection.request(orderSubject(member.id, kind), payload, { timeout });
        const reply = readReply(answer.data);
        member.heardAtMs = performance.now();
        if (reply.error !== null && reply.isRefusal)
          throw new Refusal(`The agent ${member.name} refused: ${reply.error}.`);
        if (reply.error !== null) throw new Failure(4, `The agent ${member.name} failed: ${reply.error}.`);
        return reply;
      } catch (error) {
        if (error instanceof Failure) throw error;
        // A broker that starts again is joined by its agents one after the other.
        if (
          performance.now() >= untilMs ||
          member.isLost ||
          this.signal.aborted ||
          this.connection.isClosed()
        )
          throw new Error(`The agent ${member.name} did not answer: ${plainText(error)}.`, { cause: error });
        await delay(Math.min(100, Math.max(1, untilMs - performance.now())));
      }
    }
  }

  /** Asks every agent for its clock; one that does not answer keeps the reading it has. */
  async readClocks(): Promise<void> {
    await Promise.all(this.members.filter(({ isLost }) => !isLost).map((member) => this.#readClock(member)));
  }

  async #readClock(member: Member): Promise<void> {
    const samples: ClockSample[] = [];
    for (let question = 0; question < CLOCK_QUESTIONS; question++) {
      try {
        const askedNs = monotonicNs();
        const { nowNs } = await this.ask(member, "clock", {}, CLOCK_ANSWER_MS / 1000);
        samples.push({ askedNs, answeredNs: monotonicNs(), theirsNs: nowNs });
      } catch (error) {
        // It works for somebody else by now.
        if (error instanceof Refusal) throw error;
        break;
      }
    }
    if (samples.length > 0) member.clock = clockReading(samples);
  }

  /** Looks after the agents until the pool is closed. */
  watch(): void {
    void this.#followConnection();
    void this.#watchMembers();
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === "disconnect") this.#isConnected = false;
      if (type !== "reconnect") continue;
      this.#isConnected = true;
      // While the broker was away nobody could answer.
      for (const member of this.members) member.heardAtMs = performance.now();
    }
  }

  async #watchMembers(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await Promise.all(this.members.map((member) => this.#look(member)));
      await delay(WATCH_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(member: Member): Promise<void> {
    if (member.isLost) return;
    const isSilent = async (): Promise<boolean> => {
      await this.ask(member, "clock", {}, WATCH_MS / 1000).catch(() => undefined);
      return performance.now() - member.heardAtMs > SILENCE_MS;
    };
    // A broker that hangs says nothing of its end, so it is asked, and then the agent once more.
    member.isLost = (await isSilent()) && (await this.#doesBrokerAnswer()) && (await isSilent());
  }

  async #doesBrokerAnswer(): Promise<boolean> {
    if (!this.#isConnected) return false;
    const timer = new AbortController();
    const silence = delay(BROKER_ANSWER_MS, false, { signal: timer.signal }).catch(() => false);
    const answer = this.connection.flush().then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answer, silence]);
    } finally {
      timer.abort();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.connection.close();
  }
}

/** As many agents as are wanted beside those that are known, in the order of their names. */
async function gather(
  connection: NatsConnection,
  controller: string,
  { broker, agents, signal }: PoolOptions,
  known: ReadonlySet<string>,
): Promise<Presence[]> {
  const wanted = agents - known.size;
  const untilMs = performance.now() + GATHERING_MS;
  for (;;) {
    signal.throwIfAborted();
    const present = await callRoll(connection, controller);
    const others = present.filter(({ id }) => !known.has(id));
    const free = others.filter(
      ({ busyWith, version }) => (busyWith === null || busyWith === controller) && version === VERSION,
    );
    if (free.length >= wanted)
      return free
        .toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
        .slice(0, wanted);
    if (performance.now() < untilMs) continue;
    const taken = others.length - free.length;
    const names = free.map(({ name }) => name).join(", ");
    throw new Failure(
      4,
      `Of ${agents} agents ${known.size + free.length} are at ${publicUrl(broker)}${names === "" ? "" : ` (${names})`}` +
        `${taken === 0 ? "" : `, and ${taken} that work for others or are of another version`}. ` +
        `Start more with: readymark agent --nats ${publicUrl(broker)}`,
    );
  }
}

async function callRoll(connection: NatsConnection, controller: string): Promise<Presence[]> {
  const present = new Map<string, Presence>();
  try {
    const question = JSON.stringify({ controller });
    const answers = await connection.requestMany(ROLL_CALL, question, { maxWait: ROLL_CALL_MS });
    for await (const answer of answers) {
      const one = presenceIn(answer.data);
      if (one !== null) present.set(one.id, one);
    }
  } catch (error) {
    if (!(error instanceof NoRespondersError || error instanceof RequestError)) throw error;
    await delay(ROLL_CALL_MS);
  }
  return [...present.values()];
}

/** Null for an answer that is none, which an agent of another version may give. */
function presenceIn(bytes: Uint8Array): Presence | null {
  try {
    return readPresence(bytes);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

/** Those that were there before keep what is known of their clocks. */
function membersOf(present: readonly (Presence & { clock?: ClockReading })[]): Member[] {
  let threads = 0;
  return present.map((one) => {
    const firstThread = threads;
    threads += one.threads;
    const { clock = { atNs: 0, offsetNs: 0, errorNs: Number.POSITIVE_INFINITY } } = one;
    return { ...one, firstThread, clock, heardAtMs: performance.now(), isLost: false };
  });
}
