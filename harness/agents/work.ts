/**
 * What an agent has under way: sessions with servers, and the slice that runs. The generator does one thing at a time, and an
 * order may arrive twice, because its answer was lost.
 */
import { startGenerator, type Generator } from "../children/generator/generator.ts";
import { validateJob, type LoadJob } from "../children/generator/job.ts";
import type { LoadSession } from "../children/generator/run-load.ts";
import { Failure } from "../failure.ts";
import { allowedCpus } from "../machine/cpu-list.ts";
import { openFileLimit, SPARE_DESCRIPTORS } from "../machine/open-files.ts";
import type { Allowed } from "./allowed.ts";
import { ephemeralPorts } from "../machine/ephemeral-ports.ts";
import { sum } from "../statistics/student.ts";
import { monotonicNs } from "./clock.ts";
import { plainText, type OpenOrder, type SliceOrder } from "./messages.ts";
import type { ResultStore } from "./result-store.ts";

interface WorkOptions {
  name: string;
  allowed: Allowed;
  cpus: readonly number[];
  onEvent(sentence: string): void;
}

interface Session {
  /** Connections of this agent. */
  connections: number;
  opening: Promise<LoadSession>;
  /** Slices already ordered. */
  ordered: Set<number>;
}

/** A slice begins within a moment; further ahead it would only keep the agent from others. */
const MOST_AHEAD_NS = 60e9;

function ownConnections({ connections, threads, shard }: LoadJob): number {
  return Math.ceil(connections / (shard?.allThreads ?? threads)) * threads;
}

export class Work {
  /** Of each load. */
  readonly threads: number;
  readonly #options: WorkOptions;
  readonly #results: ResultStore;
  readonly #sessions = new Map<string, Session>();
  #generator: Generator | null = null;
  /** The last thing that the generator was asked for. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The session whose slice runs; null between slices. */
  #loading: string | null = null;

  constructor(options: WorkOptions, results: ResultStore) {
    this.#options = options;
    this.#results = results;
    this.threads = Math.max(1, options.cpus.length);
  }

  /** Whether it works for somebody. */
  get isBusy(): boolean {
    return this.#sessions.size > 0;
  }

  get isLoading(): boolean {
    return this.#loading !== null;
  }

  /** Resolves when the connections are open. Rejects with why it does not load this server, or cannot. */
  async open({ session, job }: OpenOrder): Promise<void> {
    const known = this.#sessions.get(session);
    if (known !== undefined) return void (await known.opening);
    const load = this.#loadJobOf(job);
    this.#requireAllowed(load);
    this.#options.onEvent(
      `${this.#options.name} opens its part of ${job.connections} connections to ${job.host}:${job.port}`,
    );
    const opening = this.#inTurn((generator) => generator.openSession(load));
    this.#sessions.set(session, { connections: ownConnections(load), opening, ordered: new Set() });
    try {
      await opening;
    } catch (error) {
      await this.drop(plainText(error));
      throw error;
    }
  }

  /** Begins a slice, and returns at once: its result is stored when it is there. */
  run(order: SliceOrder): void {
    const session = this.#sessions.get(order.session);
    if (session === undefined) throw new Failure(4, "it has no such session any more");
    if (session.ordered.has(order.slice)) return;
    if (this.#loading !== null) throw new Failure(4, "another slice of load is under way");
    if (order.startNs - monotonicNs() > MOST_AHEAD_NS)
      throw new Failure(4, "the slice would begin more than a minute from now");
    session.ordered.add(order.slice);
    this.#loading = order.session;
    void this.#runAndStore(session, order);
  }

  /** One whose slice runs is not waited for: nobody wants its result any more. */
  async close(name: string): Promise<void> {
    const session = this.#sessions.get(name);
    if (session === undefined) return;
    if (this.#loading === name) return this.drop("its session was closed");
    this.#sessions.delete(name);
    const load = await session.opening.catch(() => null);
    if (load !== null) await this.#inTurn(() => load.close()).catch(() => undefined);
  }

  /** Ends all that is under way, with the generator. */
  async drop(reason: string): Promise<void> {
    if (this.isLoading) this.#options.onEvent(`the load ends early: ${reason}`);
    this.#sessions.clear();
    this.#loading = null;
    const generator = this.#generator;
    this.#generator = null;
    await generator?.stop();
  }

  async #runAndStore({ opening }: Session, order: SliceOrder): Promise<void> {
    const { startNs, discardSeconds, durationSeconds, seed } = order;
    const slice = { startNs, discardSeconds, durationSeconds, seed, stallSeconds: 0, neighbourPids: [] };
    const generator = this.#generator;
    try {
      const session = await opening;
      const load = await this.#inTurn(() => session.run(slice));
      this.#results.store(order, { orderedNs: startNs, error: null, load });
    } catch (error) {
      this.#results.store(order, { orderedNs: startNs, error: plainText(error), load: null });
      // A generator that failed once is not asked again. Where it was ended meanwhile, there may be another by now.
      if (this.#generator === generator) await this.drop(plainText(error));
    } finally {
      if (this.#loading === order.session) this.#loading = null;
    }
  }

  /** Asks the generator for something when it has done what it was asked for before. */
  async #inTurn<Value>(work: (generator: Generator) => Promise<Value>): Promise<Value> {
    const { cpus } = this.#options;
    this.#generator ??= startGenerator(cpus.length === 0 ? allowedCpus() : cpus);
    const generator = this.#generator;
    const turn = this.#turn.then(() => work(generator));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #requireAllowed(load: LoadJob): void {
    const { host, port, threads, loop } = load;
    const { allowed, onEvent } = this.#options;
    if (!allowed.has(host, port)) {
      onEvent(`refused to load ${host}:${port}, which is not in --allow ${allowed.text}`);
      throw new Failure(
        4,
        `it may not load ${host}:${port}; its own user allows that with: readymark agent --allow ${host}`,
      );
    }
    if (threads !== this.threads) throw new Failure(4, `it runs ${this.threads} threads, and not ${threads}`);
    const own = ownConnections(load);
    const ports = loop === "churn" ? null : ephemeralPorts();
    if (ports !== null && own > ports)
      throw new Failure(4, `its ${own} connections are more than the ${ports} ports of ip_local_port_range`);
    // One generator has the connections to all servers that take turns.
    const all = own + sum([...this.#sessions.values()].map((session) => session.connections));
    const limit = openFileLimit();
    if (limit !== null && all + SPARE_DESCRIPTORS > limit)
      throw new Failure(4, `its ${all} connections are more than its ${limit} open files`);
  }

  /** Throws a RangeError that says what of it cannot be. */
  #loadJobOf(job: OpenOrder["job"]): LoadJob {
    const { cpus } = this.#options;
    const load: LoadJob = {
      ...job,
      ...{ warmupSeconds: 0, durationSeconds: 1, serverPids: [], cpus },
      // A CPU that the user gave to the generator is its own.
      spin: job.loop === "open" && cpus.length > 0,
    };
    validateJob(load);
    return load;
  }
}
