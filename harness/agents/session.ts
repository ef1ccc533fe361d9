/**
 * A session that all agents of a pool have with one server: each opens its share of the connections, and slices of load
 * begin on all at one moment. A slice that lacks an agent keeps the parts of the others, and says whose is missing.
 */
import { nuid } from "@nats-io/transport-node";
import { validateJob, type LoadJob } from "../children/generator/job.ts";
import type { NativeSlice } from "../children/generator/native-generator.ts";
import type { LoadSession } from "../children/generator/run-load.ts";
import { mergeShards } from "../children/generator/slice-load.ts";
import { Failure } from "../failure.ts";
import type { AgentSeen } from "../results/run.ts";
import type { SliceLoad } from "../results/slice-load.ts";
import { monotonicNs, startError, theirMoment, type ClockReading } from "./clock.ts";
import { cpuBetween } from "./cpu-between.ts";
import { plainText, type OpenOrder, type SliceResult } from "./messages.ts";
import type { AgentPool, Member } from "./pool.ts";
import { openResults, type Results } from "./results.ts";

/** From the last order to the common start: for orders to arrive, and for threads to wake up. */
const LEAST_LEAD_NS = 30e6;
const LEAD_ROUND_TRIPS = 20;
const ANSWER_SECONDS = 5;
/** After a window: for requests that are on their way, beyond what an answer may take, and for results. */
const REST_SECONDS = 10;

export interface AgentSession extends LoadSession {
  /** Under which the stream keeps its results, until it is closed. */
  name: string;
  /** Has every agent close its connections, and the stream forget the results unless they are kept for somebody. */
  close(keepResults?: boolean): Promise<void>;
}

/** What of a slice came from one agent, or why nothing did. */
type Part = { result: SliceResult; missing: null } | { result: null; missing: string };

/** Rejects with a Failure when an agent refuses the load, or cannot open its connections. */
export async function openAgentSession(pool: AgentPool, job: LoadJob): Promise<AgentSession> {
  const name = nuid.next();
  requireAll(pool, job);
  const results = openResults(pool, name);
  const close = async (keepResults = false): Promise<void> => {
    results.stop();
    const present = pool.members.filter(({ isLost }) => !isLost);
    const order = { session: name };
    await Promise.all(
      present.map((member) => pool.ask(member, "close", order, ANSWER_SECONDS).catch(() => undefined)),
    );
    if (!keepResults) await results.forget();
  };
  try {
    const seconds = job.timeoutSeconds + ANSWER_SECONDS;
    const orders = pool.members.map((member) => ({ session: name, job: shareOf(job, pool, member) }));
    const opened = await Promise.allSettled(
      pool.members.map((member, place) => pool.ask(member, "open", orders[place] as object, seconds)),
    );
    // All of them, so that whoever opened is asked to close.
    for (const one of opened) if (one.status === "rejected") throw asFailure(one.reason);
  } catch (error) {
    await close();
    throw error;
  }
  const session = new Slices(pool, name, job, results);
  return { name, close, run: (slice) => session.run(slice) };
}

function asFailure(error: unknown): unknown {
  return error instanceof Failure ? error : new Failure(4, plainText(error));
}

function requireAll(pool: AgentPool, job: LoadJob): void {
  const lost = pool.members.filter(({ isLost }) => isLost).map(({ name }) => name);
  if (lost.length > 0)
    throw new Failure(4, `The agent ${lost.join(" and ")} was lost; start it again, and then go on.`);
  requireShares(pool, job.connections);
  validateJob({ ...job, serverPids: [], cpus: [], spin: false });
}

/** Throws a Failure when there are fewer connections than threads of the agents to share them. */
export function requireShares(pool: AgentPool, connections: number): void {
  const threads = allThreads(pool);
  if (connections < threads)
    throw new Failure(
      2,
      `${connections} connections cannot be shared by ${threads} threads of ${pool.members.length} agents; take at least ${threads}.`,
    );
}

function allThreads({ members }: AgentPool): number {
  return members.reduce((sum, { threads }) => sum + threads, 0);
}

function shareOf(job: LoadJob, pool: AgentPool, { threads, firstThread }: Member): OpenOrder["job"] {
  const { protocol, loop, host, port, connections, payloadBytes, pipeline } = job;
  const { ratePerSecond, arrivals, closeMode, seed, timeoutSeconds } = job;
  return {
    ...{ protocol, loop, host, port, connections, payloadBytes, pipeline, seed, timeoutSeconds, threads },
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    ...(arrivals === undefined ? {} : { arrivals }),
    ...(closeMode === undefined ? {} : { closeMode }),
    shard: { firstThread, allThreads: allThreads(pool) },
  };
}

class Slices {
  readonly #pool: AgentPool;
  readonly #name: string;
  readonly #job: LoadJob;
  readonly #results: Results;
  /** Why an agent takes part no more; it has no connections by then. */
  readonly #missing = new Map<Member, string>();
  #slices = 0;

  constructor(pool: AgentPool, name: string, job: LoadJob, results: Results) {
    this.#pool = pool;
    this.#name = name;
    this.#job = job;
    this.#results = results;
  }

  async run({ discardSeconds, durationSeconds, seed, neighbourPids }: NativeSlice): Promise<SliceLoad> {
    const { members, signal } = this.#pool;
    const before = new Map(members.map((member) => [member, member.clock]));
    const startNs = monotonicNs() + this.#leadNs();
    const fromNs = startNs + discardSeconds * 1e9;
    const windowNs = [fromNs, fromNs + durationSeconds * 1e9] as const;
    const slice = ++this.#slices;
    const order = { session: this.#name, slice, discardSeconds, durationSeconds, seed };
    const [parts, serverCpuNs, neighboursCpuNs] = await Promise.all([
      Promise.all(
        members.map(async (member) => [member, await this.#partOf(member, order, startNs)] as const),
      ),
      cpuBetween(this.#job.serverPids, ...windowNs),
      cpuBetween(neighbourPids, ...windowNs),
    ]);
    signal.throwIfAborted();
    await this.#pool.readClocks();
    const loads = parts.flatMap(([, { result }]) => result?.load ?? []);
    const agents = parts.map(([member, part]) =>
      seenOf(member, part, startNs, before.get(member) ?? member.clock),
    );
    if (loads.length === 0) {
      const reasons = agents.map(({ name, lost }) => `${name}: ${lost}`);
      throw new Failure(4, `Every agent was lost (${reasons.join("; ")}).`);
    }
    return { ...mergeShards(loads), ...{ startedNs: startNs, serverCpuNs, neighboursCpuNs, agents } };
  }

  async #partOf(
    member: Member,
    order: { slice: number; discardSeconds: number; durationSeconds: number },
    startNs: number,
  ): Promise<Part> {
    const known = this.#missing.get(member);
    if (known !== undefined) return { result: null, missing: known };
    const part = await this.#ask(member, order, startNs);
    if (part.missing !== null) this.#missing.set(member, part.missing);
    return part;
  }

  async #ask(
    member: Member,
    order: { slice: number; discardSeconds: number; durationSeconds: number },
    startNs: number,
  ): Promise<Part> {
    if (!member.isLost) {
      const theirs = { ...order, startNs: theirMoment(startNs, member.clock) };
      try {
        await this.#pool.ask(member, "slice", theirs, ANSWER_SECONDS);
      } catch (error) {
        // One that refuses has nothing to wait for; one that does not answer is waited for until it does, or is lost.
        if (error instanceof Failure) return { result: null, missing: error.message };
      }
    }
    const seconds = order.discardSeconds + order.durationSeconds + this.#job.timeoutSeconds + REST_SECONDS;
    const result = await this.#results.wait(member, order.slice, seconds);
    if (result === null)
      return { result: null, missing: member.isLost ? "it does not answer" : "its result did not come" };
    return result.error === null ? { result, missing: null } : { result: null, missing: result.error };
  }

  #leadNs(): number {
    const errors = this.#pool.members.filter(({ isLost }) => !isLost).map(({ clock }) => clock.errorNs);
    return Math.max(LEAST_LEAD_NS, LEAD_ROUND_TRIPS * 2 * Math.max(0, ...errors));
  }
}

function seenOf(
  { name, clock }: Member,
  { result, missing }: Part,
  startNs: number,
  before: ClockReading,
): AgentSeen {
  const load = result?.load ?? null;
  if (load === null || result === null)
    return {
      ...{ name, operations: 0, busyShare: null, startErrorNs: null, clockErrorNs: null },
      lost: missing ?? "it sent no load",
    };
  const { errorNs, uncertainNs } = startError({ startNs, startedNs: load.startedNs }, before, clock);
  return {
    ...{ name, operations: load.operations, busyShare: Math.max(0, ...load.clientBusyShare), lost: null },
    ...{ startErrorNs: errorNs, clockErrorNs: uncertainNs },
  };
}
